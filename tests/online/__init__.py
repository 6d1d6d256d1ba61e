"""Tests of online programmes."""
