"""Attaching documents: type by content, size limit, bytes under a name nobody chose."""

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from partners import documents, operations
from partners.models import Attachment
from partners.operations import AttachmentRefusedError, Document
from tests import make
from tests.make import EARLY
from tests.partners.conftest import People, Ready

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 minutes"


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path


class TestAttachDocument:
    def test_stores_type_size_and_hash(
        self, people: People, ready: Ready, media: Path
    ) -> None:
        cooperation = ready()

        stored = operations.attach_document(
            partner=cooperation.partner,
            cooperation=cooperation,
            document=Document("Minutes.exe", PDF, purpose="minutes"),
            by=people.anna,
            at=EARLY,
        )

        assert (stored.content_type, stored.size) == ("application/pdf", len(PDF))
        assert (media / str(stored.content)).read_bytes() == PDF
        assert "Minutes" not in str(stored.content)

    @pytest.mark.parametrize(
        ("name", "content", "code"),
        [
            ("a.pdf", b"", "attachment.empty"),
            ("a.pdf", b"MZ\x90\x00", "attachment.type"),
            ("..", PDF, "attachment.nameless"),
        ],
    )
    def test_refuses(
        self, people: People, name: str, content: bytes, code: str
    ) -> None:
        with pytest.raises(AttachmentRefusedError) as refused:
            operations.attach_document(
                partner=make.partner(),
                document=Document(name, content),
                by=people.anna,
                at=EARLY,
            )

        assert refused.value.code == code
        assert Attachment.objects.count() == 0

    @pytest.mark.parametrize(("extra", "is_taken"), [(0, True), (1, False)])
    def test_has_a_limit(
        self,
        people: People,
        monkeypatch: pytest.MonkeyPatch,
        extra: int,
        is_taken: bool,
    ) -> None:
        monkeypatch.setattr(documents, "MAX_BYTES", 100)
        document = Document("a.pdf", PDF.ljust(100 + extra))

        codes = []
        try:
            operations.attach_document(
                partner=make.partner(), document=document, by=people.anna, at=EARLY
            )
        except AttachmentRefusedError as refused:
            codes.append(refused.code)

        assert codes == ([] if is_taken else ["attachment.too-large"])

    def test_refuses_a_cooperation_of_another_partner(
        self, people: People, ready: Ready, media: Path
    ) -> None:
        with pytest.raises(AttachmentRefusedError, match="another partner"):
            operations.attach_document(
                partner=make.partner(),
                cooperation=ready(),
                document=Document("a.pdf", PDF),
                by=people.anna,
                at=EARLY,
            )

        assert list(media.rglob("*")) == []


class TestRemoveAttachment:
    def test_keeps_the_record(self, people: People) -> None:
        stored = operations.attach_document(
            partner=make.partner(),
            document=Document("a.pdf", PDF),
            by=people.anna,
            at=EARLY,
        )

        removed = operations.remove_attachment(
            attachment=stored, reason="Wrong partner", by=people.anna, at=EARLY
        )

        assert removed.removed_at == EARLY
        with pytest.raises(AttachmentRefusedError, match="already"):
            operations.remove_attachment(
                attachment=stored, reason="Again", by=people.anna, at=EARLY
            )
