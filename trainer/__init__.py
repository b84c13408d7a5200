"""Train, choose, evaluate and write the classifier."""
