"""The container footprint lab: which service on which instance type is cheapest for a load and an SLO."""
