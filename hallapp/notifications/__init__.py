"""The outbox: store, render and send messages; knows no other room."""
