"""Speeds, each measured beside what it is compared with: ratios, because machines are noisy."""
