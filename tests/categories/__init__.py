"""Tests of the categories of people."""
