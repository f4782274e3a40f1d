"""Who speaks in the letters: the secretariat's office, as configured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Office:
    """Names and addresses every letter needs."""

    name: str  # "Sở Nội vụ"
    contact: str = ""  # "Phòng Cải cách hành chính"
    phone: str = ""
    mailbox_address: str = ""  # where reports go: "cchc@mail.example"
    from_header: str = ""  # "CCHC <cchc@mail.example>"
    envelope_from: str = ""  # "" = the address of from_header
    self_copy: str = ""  # address delivered into the watched mailbox; "" = no second recipient
    bot_domain: str = ""  # right side of our Message-IDs
    timezone: str = "Asia/Ho_Chi_Minh"
    at_cutoff: str = "on_time"  # on_time | late: what the second of a cutoff itself counts as
