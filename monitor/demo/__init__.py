"""The invented world of the demo, and a loopback server that speaks the platforms' wire formats."""
