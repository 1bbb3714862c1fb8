"""How the weights were made. Needs the `train` extra; nothing here is needed to run the analyses."""
