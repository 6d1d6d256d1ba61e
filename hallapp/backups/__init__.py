"""Backups: all data that a service needs to continue on another machine, in one archive for either database.

An archive is a ZIP file with a row of JSON for each row of the database, the secret keys, and a manifest. It does not
depend on the database that it was made from, so it also moves a hall from SQLite to PostgreSQL and back.
"""
