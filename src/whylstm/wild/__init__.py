"""Networks that other people trained and published in packages: what training did to their gradients."""
