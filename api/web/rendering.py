"""A template, the words of a language and some values become one page.

    rendering.page(request, "system.html", ledger="commons", system=…)

Every page may load this server's own files and nothing else, keeps no cookie, and tells
no other server where its reader came from.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote, urlencode

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from api.web.catalogue import LANGUAGES, SITE, Catalogues, Messages
from api.web.files import accepts_gzip
from api.web.language import Language, language_of
from api.web.words import Words, apart, revealed

# Everything from this very server, nothing inline: CONTRACT fixes these bytes for `/r`.
CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'"
)
# What `default-src` does not cover: where a form may go, who may frame the page.
PAGE_CSP: Final = f"{CSP}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
HEADERS: Final[Mapping[str, str]] = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": PAGE_CSP,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept, Accept-Encoding, Accept-Language",
}
FRESH: Final = "no-cache"
PRIVATE: Final = "no-store"
WORDS_KEPT_MAX: Final = 256  # language, region and area; each is a small view


class Rendering:
    """Makes pages; one for the process."""

    def __init__(self, catalogues: Catalogues) -> None:
        """Compiles every template, so that a broken one stops the start."""
        self._catalogues = catalogues
        self._templates = Environment(
            loader=PackageLoader("api.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=-1,
            finalize=_finalized,
        )
        for name in self._templates.list_templates():
            self._templates.get_template(name)
        self.words = lru_cache(maxsize=WORDS_KEPT_MAX)(self._words)

    def _words(self, language: Language, area: str) -> Words:
        return Words(language, self._catalogues.merged(language.code, area))

    def words_for(self, request: web.BaseRequest, area: str = SITE) -> Words:
        """The words of the answer to `request`, for what is not made by a template."""
        return self.words(language_of(request), area)

    def messages(self, request: web.BaseRequest, area: str) -> Messages:
        """The words of `area` in the reader's language, for a page that carries them."""
        return self._catalogues.merged(language_of(request).code, area)

    def page(
        self,
        request: web.BaseRequest,
        template: str,
        *,
        ledger: str | None = None,
        area: str = SITE,
        status: int = 200,
        cache: str = FRESH,
        csp: str = PAGE_CSP,
        **values: Any,
    ) -> web.Response:
        """The page `template` makes of `values`, in the reader's language.

        Args:
            request: says the language, and what encodings the client takes.
            template: a file of `templates/`.
            ledger: the name in the header, and the folder of relative links.
            area: the catalogue whose keys the template may use, beside the site's.
            status: the HTTP status.
            cache: `PRIVATE` for a page with anything private in it.
            csp: another policy; `/r` has the contract's.
            **values: what the template shows.
        """
        language = language_of(request)
        words = self.words(language, area)
        html = self._templates.get_template(template).render(
            **values,
            ledger=ledger,
            language=language,
            languages=_offered(request, language),
            words=words,
            t=words.text,
            plain=words.plain,
            named=words.named,
            known=words.known,
            num=words.number,
            day=words.day,
            moment=words.moment,
            moment_of=words.moment_of,
            bdi=apart,
            href=_linker(ledger, language),
        )
        headers = {**HEADERS, "Content-Security-Policy": csp, "Cache-Control": cache}
        headers["Content-Language"] = language.code
        response = web.Response(body=html.encode(), status=status, headers=headers)
        if accepts_gzip(request):
            response.enable_compression(web.ContentCoding.gzip)
        return response


def _finalized(value: object) -> object:
    """What `{{ value }}` shows: text of strangers never reorders what stands around it."""
    return revealed(value) if type(value) is str else value


def _linker(ledger: str | None, language: Language) -> Any:
    """`href("systems", id)` → `/commons/systems/<id>`, in the language chosen."""

    def href(*segments: object, **query: object) -> Markup:
        named = dict(query)
        # Programs' addresses refuse a parameter they do not know.
        if language.chosen and segments[:1] != ("v1",):
            named["lang"] = language.code
        path = "/".join(quote(str(one), safe=":@") for one in segments)
        base = "/" if ledger is None else f"/{quote(ledger)}/"
        asked = f"?{urlencode(named)}" if named else ""
        return Markup("{}").format(f"{base}{path}{asked}")

    return href


def _offered(request: web.BaseRequest, now: Language) -> list[dict[str, Any]]:
    """The same page in every language; what else the address asked stays."""
    kept = {name: one for name, one in request.query.items() if name != "lang"}
    return [
        {
            "code": code,
            "name": name,
            "current": code == now.code,
            "query": "?" + urlencode({**kept, "lang": code}),
        }
        for code, name in LANGUAGES.items()
    ]
