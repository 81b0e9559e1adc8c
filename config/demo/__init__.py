"""A city hall that does not exist, with people nobody is, on trips nobody made.

Everything is made by the product's own services, in order of time, from one seed.
"""
