"""The web layer of `privacy`: the page of the notice. The rest of the room does not import Flask."""
