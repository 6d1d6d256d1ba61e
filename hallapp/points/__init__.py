"""Service points of guides, hosts of talks and volunteers: indexes, statements by quarter, appeals, closed quarters."""
