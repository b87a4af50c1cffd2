"""Kind, language and channel to text: one neutral sentence that may be read on a locked screen by anyone
(rules 21, 22).

The Arabic, Pashto and Vietnamese sentences are MACHINE DRAFTS FOR REVIEW: a person who speaks the language
has to read them before the service opens. English is the council's own.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from portal.notifications.rules import LONDON

Said = TypeVar("Said")

DRAFTS_FOR_REVIEW = frozenset({"ar", "ps", "vi"})

DENIED = (
    "care",
    "leaver",
    "leaving care",
    "looked after",
    "social",
    "worker",
    "adviser",
    "PA",
    "council",
    "borough",
    "Lewisham",
    "Bromley Road",
    "safeguarding",
    "payment",
    "money",
    "grant",
    "allowance",
    "bank",
    "approved",
    "declined",
    "refused",
    "asylum",
    "immigration",
    "Home Office",
    "health",
    "mental",
    "crisis",
    "food",
    "abuse",
    "probation",
    "housing",
    "benefit",
)


@dataclass(frozen=True)
class Kind:
    """What a kind of message says by default, and what it may say when the person chose to be told more."""

    sentence: str
    more: str = ""
    for_staff: bool = False
    with_link: bool = False
    # When it could not be delivered, a person has to see to it.
    matters: bool = True
    # Sign-in codes go to the phone: what warns of a borrowed phone goes by email where that is on (rule 36).
    apart_from_codes: bool = False
    # Still worth saying when it found nothing on and something is turned on before its event.
    reminds: bool = False
    # With nothing on a person tells them: the page alone would let them come to a closed door.
    never_silent: bool = False


KINDS = {
    "drop_in_tomorrow": Kind("booking", with_link=True, reminds=True),
    "drop_in_soon": Kind("booking", with_link=True, reminds=True),
    "place_offered": Kind("place"),
    "booking_moved_by_us": Kind("changed", never_silent=True),
    "decision_made": Kind("update", more="answer"),
    "more_wanted": Kind("update", more="one_more"),
    "decision_late_sorry": Kind("update", more="sorry"),
    "paid": Kind("update", more="on_its_way"),
    "payment_failed": Kind("update", more="did_not_go"),
    "spot_help": Kind("update"),
    "spot_check": Kind("queue", for_staff=True, matters=False),
    "decision_due": Kind("queue", for_staff=True, matters=False),
    "not_theirs": Kind("young_person_today", for_staff=True),
    "not_safe": Kind("young_person_today", for_staff=True),
    "asked_duty": Kind("young_person_today", for_staff=True),
    "asked_duty_late": Kind("young_person_today", for_staff=True),
    "coming_back": Kind("queue", for_staff=True),
    "coming_back_late": Kind("queue", for_staff=True),
    "new_phone_second": Kind("queue", for_staff=True, matters=False),
    "new_phone_ready": Kind("queue", for_staff=True, matters=False),
    "decision_overdue": Kind("queue", for_staff=True, matters=False),
    "words_added": Kind("queue", for_staff=True, matters=False),
    "complaint_update": Kind("update"),
    "complaint_late_sorry": Kind("update", more="sorry"),
    "complaint_new": Kind("queue", for_staff=True, matters=False),
    "complaint_due": Kind("queue", for_staff=True, matters=False),
    "complaint_late": Kind("queue", for_staff=True, matters=False),
    "break_glass": Kind("queue", for_staff=True, matters=False),
    "welfare_check": Kind("queue", for_staff=True, matters=False),
    "looks_shown_soon": Kind("queue", for_staff=True, matters=False),
    "page_review": Kind("queue", for_staff=True, matters=False),
    "sign_in_code": Kind("code", matters=False),
    "contact_changed": Kind("contact_changed", matters=False),
    "settings_changed": Kind("settings_changed", matters=False, apart_from_codes=True),
}
ANY_KIND = Kind("update")  # a kind without words of its own says the most neutral sentence

SENTENCES: dict[str, dict[str, str]] = {
    "update": {
        "en": "You have an update. Sign in when you are ready to see it.",
        "ar": "لديك خبر جديد. سجّل الدخول عندما يناسبك.",
        "ps": "تاسو ته نوی خبر شته. کله چې وغواړئ، ننوځئ.",
        "vi": "Bạn có tin mới. Hãy đăng nhập khi tiện để xem.",
    },
    "booking": {
        "en": "Reminder: you have a booking on {when}.",
        "ar": "تذكير: لديك موعد {when}.",
        "ps": "یادونه: ستاسو وخت {when} دی.",
        "vi": "Nhắc bạn: bạn có hẹn {when}.",
    },
    "place": {
        "en": "A place is free on {when}. Sign in to say yes or no.",
        "ar": "يوجد مكان {when}. سجّل الدخول للرد.",
        "ps": "{when} یو ځای شته. د ځواب لپاره ننوځئ.",
        "vi": "Có một chỗ trống {when}. Đăng nhập để trả lời.",
    },
    "changed": {
        "en": "Your booking on {when} has changed. Sign in to see it.",
        "ar": "تغيّر موعدك {when}. سجّل الدخول.",
        "ps": "ستاسو وخت {when} بدل شو. ننوځئ.",
        "vi": "Lịch hẹn {when} đã đổi. Hãy đăng nhập.",
    },
    "answer": {
        "en": "There is an answer to what you asked for. Sign in to read it.",
        "ar": "هناك جواب على طلبك. سجّل الدخول لقراءته.",
        "ps": "ستاسو د غوښتنې ځواب راغلی. د لوستلو لپاره ننوځئ.",
        "vi": "Đã có câu trả lời cho bạn. Đăng nhập để đọc.",
    },
    "one_more": {
        "en": "We need one more thing from you. Sign in to see what it is.",
        "ar": "نحتاج شيئاً آخر منك. سجّل الدخول لمعرفته.",
        "ps": "له تاسو یو بل شی ته اړتیا لرو. ننوځئ او ویې ګورئ.",
        "vi": "Chúng tôi cần thêm một điều từ bạn. Hãy đăng nhập.",
    },
    "sorry": {
        "en": "We are late with your answer and we are sorry. Sign in to see what happens next.",
        "ar": "تأخرنا في الرد عليك ونعتذر. سجّل الدخول للتفاصيل.",
        "ps": "ستاسو ځواب وځنډېد، بښنه غواړو. نور معلومات: ننوځئ.",
        "vi": "Chúng tôi trả lời trễ, xin lỗi bạn. Đăng nhập để xem.",
    },
    "on_its_way": {
        "en": "What you asked for is on its way. Sign in to see it.",
        "ar": "ما طلبته في الطريق إليك. سجّل الدخول لرؤيته.",
        "ps": "هغه څه چې تاسو غوښتي در روان دي. ننوځئ.",
        "vi": "Điều bạn yêu cầu đang được gửi đến. Đăng nhập để xem.",
    },
    "did_not_go": {
        "en": "Something did not go through. Sign in to see how we will fix it.",
        "ar": "لم يكتمل أمر ما. سجّل الدخول لترى الحل.",
        "ps": "یو څه بشپړ نه شول. د حل لپاره ننوځئ.",
        "vi": "Có việc chưa xong. Đăng nhập để xem cách xử lý.",
    },
    "young_person_today": {
        "en": "One of your young people needs you today. Sign in: it says who above your queue."
    },
    "queue": {"en": "There is something in your queue. Sign in to see it."},
    "code": {
        "en": "{code} is your sign-in code. It lasts 10 minutes. Do not share it.",
        "ar": "{code} رمز الدخول. صالح 10 دقائق. لا تشاركه مع أحد.",
        "ps": "{code} د ننوتلو کوډ. 10 دقیقې. بل ته یې مه ورکوئ.",
        "vi": "{code} là mã đăng nhập, dùng trong 10 phút. Đừng đưa cho ai.",
    },
    "settings_changed": {
        "en": "Something in your settings was changed. If this was not you, please tell us today.",
        "ar": "تم تغيير شيء في إعداداتك. إن لم تكن أنت، أخبرنا اليوم.",
        "ps": "ستاسو په تنظیماتو کې بدلون راغی. که تاسو نه وئ، خبر مو کړئ.",
        "vi": "Cài đặt của bạn đã thay đổi. Nếu không phải bạn, hãy báo ngay.",
    },
    "contact_changed": {
        "en": "The way we reach you was changed. If this was not you, please tell us.",
        "ar": "تغيّرت طريقة التواصل معك. إن لم تكن أنت، أخبرنا.",
        "ps": "ستاسو د اړیکې لار بدله شوه. که تاسو نه یاست، راته ووایاست.",
        "vi": "Cách liên lạc với bạn đã đổi. Nếu không phải bạn, hãy báo.",
    },
    "change_it": {"en": " Change it: {link}", "ar": " {link}", "ps": " {link}", "vi": " {link}"},
}

DAYS = {
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    "ar": ["الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"],
    "ps": ["دوشنبه", "سه‌شنبه", "چهارشنبه", "پنجشنبه", "جمعه", "شنبه", "یکشنبه"],
    "vi": ["thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật"],
}
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
WHEN = {
    "ar": "{day} الساعة {clock}",
    "ps": "{day} په {clock}",
    "vi": "{day} lúc {clock}",
}

GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_7_TWICE = frozenset("^{}\\[~]|€")  # each takes the room of two


def text(
    kind: str,
    *,
    language: str = "en",
    channel: str = "SMS",
    about_at: datetime | None = None,
    says_more: bool = False,
    code: str = "",
    link: str = "",
    also_denied: Iterable[str] = (),
) -> str:
    """The words of one message: no name, amount, place or purpose; day and time where there is one.

    `link` is added where the kind carries one, its host is harmless, and a text message still fits in one
    segment. A sentence the deny list does not let through gives way to the plainest one.
    """
    what = KINDS.get(kind, ANY_KIND)
    words = _sentence(what, language, says_more=says_more, about_at=about_at).format(
        when=day_and_time(about_at, language) if about_at else "", code=code
    )
    if denied(words, also_denied):
        words = _in(SENTENCES["update"], language)
    if link and what.with_link and not denied(link, also_denied):
        longer = words + _in(SENTENCES["change_it"], language).format(link=link)
        if channel != "SMS" or fits_one_segment(longer):
            return longer
    return words


def day_and_time(moment: datetime, language: str) -> str:
    """A London day and time as people say it: "Thursday 3 December at 2pm"."""
    day, clock = day_of(moment, language), clock_time(moment, language)
    if language in WHEN:
        return WHEN[language].format(day=day, clock=clock)
    return f"{day} at {clock}"


def day_of(moment: datetime, language: str) -> str:
    """A London day as people say it: "Thursday 3 December"."""
    local = moment.astimezone(LONDON)
    day = _in(DAYS, language)[local.weekday()]
    if language in WHEN:
        return f"{day} {local.day}/{local.month}"
    return f"{day} {local.day} {MONTHS[local.month - 1]}"


def clock_time(moment: datetime, language: str) -> str:
    """A London time as people say it: "2pm", "2:30pm", or "14:30" in the other languages."""
    local = moment.astimezone(LONDON)
    if language in WHEN:
        return f"{local:%H:%M}"
    minutes = f":{local.minute:02}" if local.minute else ""
    return f"{local.hour % 12 or 12}{minutes}{'am' if local.hour < 12 else 'pm'}"


def denied(words: str, also: Iterable[str] = ()) -> list[str]:
    """The words of rule 21's deny list that stand in a text, singular or plural, in any letter case."""
    return [word for word in (*DENIED, *also) if _pattern(word).search(words)]


def fits_one_segment(words: str) -> bool:
    """Whether a text message is one segment: 160 of GSM-7, or 70 characters of UCS-2."""
    if all(letter in GSM_7 or letter in GSM_7_TWICE for letter in words):
        return sum(2 if letter in GSM_7_TWICE else 1 for letter in words) <= 160
    return len(words.encode("utf-16-be")) // 2 <= 70


def _sentence(what: Kind, language: str, *, says_more: bool, about_at: datetime | None) -> str:
    if says_more and what.more:
        return _in(SENTENCES[what.more], language)
    sentence = _in(SENTENCES[what.sentence], language)
    if "{when}" in sentence and about_at is None:
        return _in(SENTENCES["update"], language)
    return sentence


def _in(by_language: dict[str, Said], language: str) -> Said:
    return by_language.get(language) or by_language["en"]


def _pattern(word: str) -> re.Pattern[str]:
    stem = r"[\s_-]+".join(re.escape(part) for part in word.split())
    ending = "(?:s|es)?"
    if stem.endswith("y"):
        stem, ending = stem[:-1], "(?:y|ys|ies)"
    elif stem.endswith("is"):
        stem, ending = stem[:-2], "(?:is|es|ises)"
    return re.compile(rf"(?<![^\W_]){stem}{ending}(?![^\W_])", re.IGNORECASE)
