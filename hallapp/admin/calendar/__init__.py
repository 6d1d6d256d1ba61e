"""The pages in which a manager looks at the days of the hall and works in them."""
