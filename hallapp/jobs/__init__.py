"""Long work in the background, done by the worker (`flask worker`): the queue is a table, there is no broker.

A room above says once what it does, asks for it, and shows how far it is:

    @runner.does("report_sheet")                       # anywhere that create_app() imports
    def write_sheet(work: Work) -> None:
        target = work.file("sheet.csv")                # what whoever asked downloads when all is done
        for number, row in enumerate(rows, start=1):
            ...
            work.progress(number, total)               # cheap; call it for each row

    with transaction():                                # in a route
        job = service.ask(NewJob(hall_id=…, staff_id=…, kind="report_sheet", params={"unit": "2026"}))
                                                       # a worker takes it up within seconds

- It runs outside of any request and of any transaction, in an application context; a write opens its own
  `transaction()`. All-or-nothing work calls `work.finish()` as the last thing inside its one transaction, so that its
  rows and the state of the job are committed together; other work just returns.
- `work.progress` only keeps two numbers. A thread writes them with the heartbeat every few seconds, over a connection
  of its own, so work may also hold a long transaction.
- What must be told to a person is a `DomainError`; anything else is logged and told as a mistake of ours.
- A job whose process died has no heartbeat: another process takes it up again from the beginning, three times at most.
  So it must be able to begin again. Who was only slow has lost it: `work.progress` and `work.finish` then raise.
- A worker that stops lets `work.progress` raise, and gives the job back: the next worker begins it again at once.
- One job of a hall at a time, `HALL_JOBS_AT_ONCE` in all.
- A file that was sent along is kept under a key before the job is there, and is found by it:
  `key = files.new_key(); files.store(hall_id, key, stream)`, then `NewJob(…, key=key)`, and in the body
  `with files.fetched(key) as path`.
"""
