"""HTML pages that need nothing else: one style, readable in light and dark, with plots that are told in words too."""
