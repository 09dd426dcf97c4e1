"""Ridge heads: primal and dual, and the choice of their penalties."""
