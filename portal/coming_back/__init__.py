"""Coming back: somebody who was in our care asks us to be in touch. The same answer for everyone; duty rings them."""
