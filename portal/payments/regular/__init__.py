"""Awards that are paid again and again: their due days, and the dated decisions about them."""
