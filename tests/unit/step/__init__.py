# SPDX-License-Identifier: GPL-2.0
"""Checks of in-step: each gives a list of complaints; empty: all is well."""
