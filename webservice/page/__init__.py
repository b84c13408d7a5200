"""The page for people: what it asks, what it says of the answer, and how it draws that."""
