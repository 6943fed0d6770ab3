"""What the image searches answer, as their own pages and interfaces do: the fields that matter, in their shapes."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Sequence
from typing import Any

from tests.web.proxy import Answer, Asked, Site

IMAGES = "https://img.example"
ROBOT = Answer(b"<html><title>Are you a robot?</title><div class='captcha'></div></html>", kind="text/html")


def image_url(name: str, number: int) -> str:
    return f"{IMAGES}/{name}/{number}.jpg"


def bing(total: int) -> Site:
    """/images/async: a page of HTML whose links carry JSON in their attribute m."""

    def answer(asked: Asked) -> Answer:
        first, count = int(asked.params["first"]) - 1, int(asked.params["count"])
        cards = []
        for n in range(first, min(total, first + count)):
            told = {"murl": image_url(f"bing-{asked.params['q']}", n), "purl": f"https://page.example/{n}",
                    "turl": "https://th.bing.com/th", "t": f"Mouth {n}"}  # fmt: skip
            m = html.escape(json.dumps(told), quote=True)
            cards.append(
                f"<div><div class='imgpt'><a class='iusc' m=\"{m}\"></a><div class='img_info'><span class='nowrap'>"
                "640 x 480 · jpeg</span></div></div><div class='infopt'><div class='lnkw'><a>page</a></div></div></div>"
            )
        return Answer(f"<div class='dgControl'>{''.join(cards)}</div>".encode(), kind="text/html")

    return answer


def duckduckgo(total: int) -> Site:
    """A page with the token vqd, then /i.js with a hundred results."""

    def answer(asked: Asked) -> Answer:
        if asked.path != "/i.js":
            return Answer(b'<html><script>vqd="4-123456789"</script></html>', kind="text/html")
        assert asked.params["vqd"] == "4-123456789"
        first = int(asked.params.get("s", "0"))
        rows = [
            {"image": image_url(f"duck-{asked.params['q']}", n), "url": f"https://page.example/{n}",
             "title": f"Duck {n}", "thumbnail": "", "width": 800, "height": 600, "source": "Bing"}
            for n in range(first, min(total, first + 100))
        ]  # fmt: skip
        return Answer(json.dumps({"results": rows}).encode())

    return answer


def baidu(total: int) -> Site:
    """/search/acjson: the last row is empty, one has its address in disguise only."""

    def answer(asked: Asked) -> Answer:
        first, count = int(asked.params["pn"]), int(asked.params["rn"])
        rows: list[dict[str, Any]] = [
            {"replaceUrl": [{"ObjURL": image_url(f"baidu-{asked.params['word']}", n), "FromURL": "https://page.example/"}],
             "thumbURL": "https://img0.baidu.com/t", "fromPageTitleEnc": f"嘴 {n}", "width": 500, "height": 333}
            for n in range(first, min(total, first + count))
        ]  # fmt: skip
        return Answer(json.dumps({"listNum": total, "data": [*rows, {}]}).encode())

    return answer


def openverse(total: int) -> Site:
    def answer(asked: Asked) -> Answer:
        page, size = int(asked.params["page"]), int(asked.params["page_size"])
        rows = [
            {"url": image_url(f"openverse-{asked.params['q']}", n), "foreign_landing_url": f"https://flickr.example/{n}",
             "title": f"Lips {n}", "creator": "Ada", "license": "by-sa", "license_version": "2.0",
             "license_url": "https://creativecommons.org/licenses/by-sa/2.0/", "width": 1024, "height": 768}
            for n in range((page - 1) * size, min(total, page * size))
        ]  # fmt: skip
        told = {"result_count": total, "page_count": -(-total // size), "page": page, "results": rows}
        return Answer(json.dumps(told).encode())

    return answer


def wikimedia(total: int) -> Site:
    def answer(asked: Asked) -> Answer:
        first, size = int(asked.params["gsroffset"]), int(asked.params["gsrlimit"])
        pages = []
        for n in range(first, min(total, first + size)):
            url = image_url("wikimedia", n)
            meta = {"Artist": {"value": f"<a href='//x'>Ada &amp; Co {n}</a>"},
                    "LicenseShortName": {"value": "CC BY 4.0"}, "ObjectName": {"value": f"Mouth {n}"},
                    "LicenseUrl": {"value": "https://creativecommons.org/licenses/by/4.0"}}  # fmt: skip
            info = {"thumburl": url, "url": url + "?full", "descriptionurl": f"https://commons.example/{n}",
                    "width": 4000, "height": 3000, "extmetadata": meta}  # fmt: skip
            pages.append({"index": n + 1, "title": f"File:Mouth {n}.jpg", "imageinfo": [info]})
        told: dict[str, Any] = {"query": {"pages": pages[::-1]}}
        if first + size < total:
            told["continue"] = {"gsroffset": first + size, "continue": "gsroffset||"}
        return Answer(json.dumps(told).encode())

    return answer


def photos(of: Callable[[int], bytes], broken: Sequence[str] = ()) -> Site:
    """img.example: the photo `of` the number in its name; those whose path is `broken` are not there."""

    def answer(asked: Asked) -> Answer:
        if asked.path in broken:
            return Answer(b"gone", 404, "text/plain")
        number = int(asked.path.rpartition("/")[2].partition(".")[0])
        return Answer(of(number), kind="image/jpeg")

    return answer


def serpapi(total: int) -> Site:
    """/search.json: a hundred a page, counted from 0; past the end an error of its own, with a 200."""

    def answer(asked: Asked) -> Answer:
        if asked.params.get("api_key") != "k3y-of-ada":
            return Answer(b'{"error": "Invalid API key."}', 401)
        first = int(asked.params["ijn"]) * 100
        rows = [
            {"position": n, "thumbnail": "https://serpapi.example/t", "title": f"Smile {n}", "source": "Page",
             "link": f"https://page.example/{n}", "original": image_url(f"serpapi-{asked.params['q']}", n),
             "original_width": 640, "original_height": 480, "is_product": False}
            for n in range(first, min(total, first + 100))
        ]  # fmt: skip
        if not rows:
            return Answer(b'{"error": "Google hasn\'t returned any results for this query."}')
        return Answer(json.dumps({"search_metadata": {"status": "Success"}, "images_results": rows}).encode())

    return answer


def serper(total: int) -> Site:
    """POST /images: what is asked for stands in the body."""

    def answer(asked: Asked) -> Answer:
        if asked.headers.get("x-api-key") != "k3y-of-ada":
            return Answer(b'{"message": "Unauthorized.", "statusCode": 403}', 403)
        wanted = json.loads(asked.body)
        first = (wanted["page"] - 1) * wanted["num"]
        rows = [
            {"title": f"Smile {n}", "imageUrl": image_url(f"serper-{wanted['q']}", n), "imageWidth": 640,
             "imageHeight": 480, "thumbnailUrl": "https://encrypted-tbn0.gstatic.com/t", "source": "Page",
             "domain": "page.example", "link": f"https://page.example/{n}", "position": n + 1}
            for n in range(first, min(total, first + wanted["num"]))
        ]  # fmt: skip
        return Answer(json.dumps({"searchParameters": wanted, "images": rows, "credits": 2}).encode())

    return answer


def brave(total: int) -> Site:
    """/res/v1/images/search: one page of 200 at most; `url` is the page, the image stands under properties."""

    def answer(asked: Asked) -> Answer:
        if asked.headers.get("x-subscription-token") != "k3y-of-ada":
            return Answer(b'{"type": "ErrorResponse", "error": {"code": "SUBSCRIPTION_TOKEN_INVALID"}}', 422)
        rows = [
            {"type": "image_result", "title": f"Smile {n}", "url": f"https://page.example/{n}",
             "thumbnail": {"src": "https://imgs.search.brave.com/t", "width": 500, "height": 375},
             "properties": {"url": image_url(f"brave-{asked.params['q']}", n), "width": 640, "height": 480}}
            for n in range(min(total, int(asked.params["count"])))
        ]  # fmt: skip
        return Answer(
            json.dumps({"type": "images", "query": {"original": asked.params["q"]}, "results": rows}).encode()
        )

    return answer
