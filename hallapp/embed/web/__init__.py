"""The pages for iframes, and the settings page of the sites that may show them."""
