"""Files put into a mail where their marks stand are those that were attached."""

from email.message import EmailMessage
from email.policy import SMTP

import pytest

from crm.reports.rendering.enclosures import Enclosure, put_in

POLICY = SMTP.clone(cte_type="7bit")


def mail(*files: bytes) -> bytes:
    message = EmailMessage(policy=POLICY)
    message["Subject"] = "Report"
    message.set_content("Figures\n")
    for number, file in enumerate(files):
        message.add_attachment(
            file, maintype="application", subtype="pdf", filename=f"{number}.pdf"
        )
    message.set_boundary("=_0")
    return message.as_bytes(policy=POLICY)


@pytest.mark.parametrize("length", [1, 56, 57, 58, 5_000, 5_001, 5_002])
def test_the_bytes_are_those_of_a_mail_with_the_files_attached(length: int) -> None:
    files = [bytes(n % 256 for n in range(length)), b"\x00" * length]
    enclosures = [Enclosure(file) for file in files]

    with_marks = mail(*(each.mark for each in enclosures))

    assert put_in(with_marks, enclosures) == mail(*files)


def test_a_file_that_is_not_attached_is_left_out() -> None:
    message = mail(b"a")

    assert put_in(message, [Enclosure(b"b")]) == message
