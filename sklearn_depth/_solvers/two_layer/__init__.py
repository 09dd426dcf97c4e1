"""Two-layer ReLU networks whose first layer is learned by gradient steps."""
