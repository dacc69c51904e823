"""Which criterion of an earlier framework each criterion of a later one asks on."""

from dataclasses import dataclass

from assessments.models import Criterion


@dataclass(frozen=True)
class Match:
    """The earlier criterion, and whether answers to both can be set against one another."""

    earlier: int
    is_comparable: bool


@dataclass(frozen=True)
class _Link:
    pk: int
    code: str
    framework: int
    continues: int | None
    is_comparable: bool


def match_criteria(framework: int, earlier: int) -> dict[int, Match]:
    """By primary keys: each criterion of `framework` that `earlier` asked already. One query.

    A criterion leads back through what it `continues`, over the versions between, as long as it names
    one; from the last of them by its code. It is comparable where every step is.
    """
    rows = Criterion.objects.order_by().values_list(
        "pk", "code", "theme__framework_id", "continues_id", "is_comparable"
    )
    links = {row[0]: _Link(*row) for row in rows}
    by_code = {link.code: link.pk for link in links.values() if link.framework == earlier}
    matches = {}
    for link in links.values():
        if link.framework == framework:
            match = _match(link, links, by_code, earlier)
            if match is not None:
                matches[link.pk] = match
    return matches


def _match(link: _Link, links: dict[int, _Link], by_code: dict[str, int], earlier: int) -> Match | None:
    is_comparable = True
    while link.framework != earlier:
        is_comparable = is_comparable and link.is_comparable
        if link.continues is None:
            found = by_code.get(link.code)
            return Match(found, is_comparable) if found is not None else None
        link = links[link.continues]
    return Match(link.pk, is_comparable)
