"""The groups of views of the API."""

from hallapp.api.web.spec import PREFIX, Views

halls = Views("api_halls", __name__, url_prefix=PREFIX, description="What can be booked")
bookings = Views("api_bookings", __name__, url_prefix=PREFIX, description="Bookings and passes")
arrivals = Views("api_arrivals", __name__, url_prefix=PREFIX, description="Arrivals and people inside")
reports = Views("api_reports", __name__, url_prefix=PREFIX, description="Figures and long lists")
staff = Views("api_staff", __name__, url_prefix=PREFIX, description="Accounts of the staff")
ALL = (halls, bookings, arrivals, reports, staff)
