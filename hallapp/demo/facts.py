"""The facts of the demonstration hall: made up, but for the city, the size and the day of opening."""

from datetime import date

from hallapp.schedule.starter import CreateHall

HALL = CreateHall(
    draft=False,
    slug="demo",
    name={"zh": "珠江潮展览馆", "en": "Pearl River Tide Exhibition Hall"},
    opened_on=date(2017, 6, 29),
    address={"zh": "广州市海珠区潮声路29号", "en": "29 Chaosheng Road, Haizhu District, Guangzhou"},
    directions={
        "zh": "地铁潮声路站B出口，步行6分钟。大巴请从潮声路南门进入，落客后停P2停车场。",
        "en": (
            "Metro: Chaosheng Road, exit B, then 6 minutes on foot. Coaches enter by the south gate on Chaosheng Road, "
            "set down there and park at P2."
        ),
    },
    bring={
        "zh": "请带上本凭证，手机出示或打印均可。领队请提前15分钟到前台；大件行李可免费寄存。",
        "en": (
            "Bring this pass, on a phone or printed. The leader of the group comes to the desk 15 minutes early; "
            "large bags can be left there free of charge."
        ),
    },
    late={
        "zh": "如会迟到，请致电前台。迟到30分钟以上仍可入馆，讲解时间会相应缩短。",
        "en": (
            "If you will be late, please call the desk. After 30 minutes you are still welcome; "
            "the tour will be shorter."
        ),
    },
    intro={
        "zh": "珠江潮展览馆面积近3000平方米，以实物、影像和互动装置讲述珠江两岸的变迁。团队可预约讲解，全程免费。",
        "en": (
            "On nearly 3,000 square metres the hall tells how life on both banks of the Pearl River has changed, with "
            "objects, films and hands-on displays. Groups can book a guide; admission is free."
        ),
    },
    coach={
        "zh": "大巴从潮声路南门进入，在落客区停靠不超过10分钟，随后停P2停车场（12个大巴车位，免费）。",
        "en": (
            "Coaches enter by the south gate on Chaosheng Road, set down for up to 10 minutes, and park at P2 "
            "(12 places, free of charge)."
        ),
    },
    access={
        "zh": "全馆无台阶，备有轮椅和婴儿车；一层和二层设无障碍卫生间。需要手语讲解请在预约时备注。",
        "en": (
            "The hall is free of steps. Wheelchairs and pushchairs can be borrowed, and there are accessible toilets "
            "on both floors. Please ask for a sign-language tour when you book."
        ),
    },
    phone="020 5550 0629",
    notice_hours=0,
    demonstration=True,
)
