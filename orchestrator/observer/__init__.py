"""The bench's observer: samples the cgroups of watched containers, exposes them, serves the live page.

It runs in a container that holds nothing but Python, prometheus_client and the parts of this package it imports.
"""
