"""The pictures of the demonstration hall, drawn for it: the `.svg` files beside the `.webp` files are their sources."""

from dataclasses import dataclass
from pathlib import Path

from hallapp.profile import service
from hallapp.profile.cropping import crop
from hallapp.profile.service import HALL, MAP, PROGRAMME, SavePicture

_FOLDER = Path(__file__).parent / "drawings"


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A picture of the demonstration: its place, its file, and what it shows."""

    place: str
    file: str
    zh: str
    en: str


_PICTURES = (
    _Drawn(
        HALL, "hall", "黄昏中的珠江潮展览馆，前方江面上有一只帆船", "The hall at dusk, with a sailing boat on the river"
    ),
    _Drawn(
        MAP,
        "map",
        "示意图：地铁B出口步行至展馆，停车场在东侧",
        "The way from the metro's exit B; parking is to the east",
    ),
    _Drawn(PROGRAMME + "guided-tour", "tour", "讲解员向团队介绍三幅展品", "A guide shows three exhibits to a group"),
    _Drawn(PROGRAMME + "themed-session", "session", "主题教室里的讲座", "A talk in the session room"),
    _Drawn(PROGRAMME + "self-guided", "self", "两位成人和一个孩子在看展柜", "Two adults and a child at a showcase"),
)


def fill(hall_id: int, *, by: int) -> None:
    """Give the hall, its map and its programmes their pictures; needs a transaction."""
    for drawn in _PICTURES:
        cropped = crop((_FOLDER / f"{drawn.file}.webp").read_bytes(), service.shape_of(drawn.place))
        command = SavePicture(
            hall_id=hall_id, by=by, place=drawn.place, cropped=cropped, alt={"zh": drawn.zh, "en": drawn.en}
        )
        service.save_picture(command)
