"""Backups: everything that a service needs to go on elsewhere, in one archive that either database reads.

An archive is a ZIP file with a row of JSON for each row of the database, the secret keys, and a manifest. It does not
depend on the database that it was made from, so it also moves a hall from SQLite to PostgreSQL and back.
"""
