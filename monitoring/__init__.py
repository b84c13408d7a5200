"""KPIs by version: collected from what tests, training and benchmarks leave, kept as flat records, shown on a page."""
