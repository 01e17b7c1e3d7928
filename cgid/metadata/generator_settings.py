"""Generation settings that image generators write into files: prompt, model, seed and others.

All of it is untrusted text: it is truncated and never interpreted as instructions; what does not parse is ignored.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

from cgid.metadata.text_fields import TextField

SETTING_NAMES = ("prompt", "negative prompt", "model", "seed", "sampler", "steps")
MAX_CHARS = 1000
MAX_JSON_CHARS = 1024 * 1024
_PAIR = re.compile(r'\b(Steps|Sampler|Seed|Model): ("[^"]{0,200}"|[^,\n]{0,200})')
_DREAM = re.compile(r'^"(.{0,100000})" (-.*)$', re.DOTALL)

Settings = tuple[tuple[str, str], ...]


def settings_from(code: str, text: TextField, everything: list[TextField]) -> Settings:
    """(name, text) pairs in the order of SETTING_NAMES, as far as given; each at most 1,000 characters."""
    readers = {"a1111": _a1111, "comfyui": _comfyui, "invokeai": _invokeai, "novelai": _novelai}
    readers |= {"fooocus": _fooocus, "swarmui": _swarmui, "draw_things": _draw_things, "midjourney": _midjourney}
    reader = readers.get(code)
    settings = reader(text.text[:MAX_JSON_CHARS], everything) if reader else {}
    return tuple((name, value) for name in SETTING_NAMES if (value := _text(settings.get(name))))


@lru_cache(maxsize=4)
def json_object(text: str) -> dict[str, Any]:
    """The JSON object in a text; empty if it is not one or is longer than 1 MiB. Must not be modified."""
    if len(text) > MAX_JSON_CHARS or text.lstrip()[:1] != "{":
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def comfyui_graph(text: str) -> dict[str, Any] | None:
    """ComfyUI's JSON, as in its own fields or after a field name and colon; None if it is not."""
    body = text[text.index(":") + 1 :] if text[:9].lower().startswith(("prompt:", "workflow:")) else text
    if len(body) > MAX_JSON_CHARS:
        # Too long to parse: recognised by its beginning.
        return (
            {} if re.match(r'\s*\{"(?:[\w-]{1,20}": \{"(?:inputs|class_type)"|last_node_id|id|nodes)', body) else None
        )
    parsed = json_object(body)
    nodes = any(isinstance(v, dict) and "class_type" in v for v in parsed.values())
    return parsed if nodes or "nodes" in parsed or "last_node_id" in parsed else None


def _text(value: Any) -> str:
    """A setting as text; lists are joined; anything but text and numbers gives an empty text."""
    if isinstance(value, list):
        value = ", ".join(filter(None, map(_text, value[:20])))
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return (value if isinstance(value, str) else str(value)).strip()[:MAX_CHARS]


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _a1111(text: str, everything: list[TextField]) -> dict[str, Any]:
    head, _, tail = text.rpartition("\nSteps: ")
    prompt, _, negative = head.partition("\nNegative prompt: ")
    pairs = {name.lower(): value.strip('" ') for name, value in _PAIR.findall("Steps: " + tail)}
    return {"prompt": prompt, "negative prompt": negative, **pairs}


def _comfyui(text: str, everything: list[TextField]) -> dict[str, Any]:
    nodes = {
        k: v
        for k, v in (comfyui_graph(text) or {}).items()
        if isinstance(v, dict) and isinstance(v.get("inputs"), dict)
    }
    samplers = [n["inputs"] for n in nodes.values() if "positive" in n["inputs"] and "negative" in n["inputs"]]
    samplers = [i for i in samplers if "seed" in i or "noise_seed" in i] or samplers
    inputs = samplers[0] if samplers else {}
    names = ("ckpt_name", "unet_name", "model_name")
    models = [n["inputs"][k] for k in names for n in nodes.values() if isinstance(n["inputs"].get(k), str)]
    return {
        "prompt": _linked_text(nodes, inputs.get("positive")),
        "negative prompt": _linked_text(nodes, inputs.get("negative")),
        "model": models[0] if models else "",
        "seed": inputs.get("seed", inputs.get("noise_seed")),
        "sampler": inputs.get("sampler_name"),
        "steps": inputs.get("steps"),
    }


def _linked_text(nodes: dict[str, Any], link: Any) -> str:
    """The first text upstream of a link [node, output]; at most 50 nodes are visited."""
    pending = [link]
    seen: set[str] = set()
    while pending and len(seen) < 50:
        link = pending.pop(0)
        if not (isinstance(link, list) and link) or str(link[0]) in seen:
            continue
        seen.add(str(link[0]))
        inputs = _object(nodes.get(str(link[0]))).get("inputs") or {}
        for key in ("text", "text_g", "t5xxl", "clip_l", "string", "value"):
            if isinstance(inputs.get(key), str) and inputs[key].strip():
                return inputs[key]
        pending += [v for v in inputs.values() if isinstance(v, list)]
    return ""


def _invokeai(text: str, everything: list[TextField]) -> dict[str, Any]:
    if match := _DREAM.match(text):
        prompt, negative = _split_negative(match.group(1))
        flags = dict(re.findall(r"-([sSA]) ?([\w.]+)", match.group(2)[:2000]))
        settings = {"seed": flags.get("S"), "steps": flags.get("s"), "sampler": flags.get("A")}
        return {"prompt": prompt, "negative prompt": negative, **settings}
    fields = json_object(text)
    legacy = _object(fields.get("image"))
    if legacy:
        stated = legacy.get("prompt")
        if isinstance(stated, list):
            stated = _object(stated[0]).get("prompt") if stated else ""
        prompt, negative = _split_negative(stated if isinstance(stated, str) else "")
        settings = {"model": fields.get("model_weights"), **{k: legacy.get(k) for k in ("seed", "sampler", "steps")}}
        return {"prompt": prompt, "negative prompt": negative, **settings}
    model = _object(fields.get("model"))
    return {
        "prompt": fields.get("positive_prompt"),
        "negative prompt": fields.get("negative_prompt"),
        "model": model.get("model_name") or model.get("name"),
        "seed": fields.get("seed"),
        "sampler": fields.get("scheduler"),
        "steps": fields.get("steps"),
    }


def _split_negative(prompt: str) -> tuple[str, str]:
    """Early versions of InvokeAI put the negative prompt in square brackets."""
    prompt = prompt[: 4 * MAX_CHARS]
    return re.sub(r"\[[^\]]*\]", "", prompt).strip(), " ".join(re.findall(r"\[([^\]]*)\]", prompt))


def _novelai(text: str, everything: list[TextField]) -> dict[str, Any]:
    fields = {t.key: t.text for t in everything if t.key in ("Comment", "Description", "Source")}
    comment = json_object(fields.get("Comment", ""))
    return {
        "prompt": comment.get("prompt") or fields.get("Description"),
        "negative prompt": comment.get("uc"),
        "model": fields.get("Source"),
        **{k: comment.get(k) for k in ("seed", "sampler", "steps")},
    }


def _fooocus(text: str, everything: list[TextField]) -> dict[str, Any]:
    fields = next((f for t in everything if (f := json_object(t.text)) and t.key != "fooocus_scheme"), {})
    fields = {k.lower().replace(" ", "_"): v for k, v in fields.items()}
    mapped = {"negative prompt": fields.get("negative_prompt"), "model": fields.get("base_model")}
    return {**mapped, **{k: fields.get(k) for k in ("prompt", "seed", "sampler", "steps")}}


def _swarmui(text: str, everything: list[TextField]) -> dict[str, Any]:
    fields = _object(json_object(text).get("sui_image_params"))
    mapped = {"negative prompt": fields.get("negativeprompt")}
    return {**mapped, **{k: fields.get(k) for k in ("prompt", "model", "seed", "sampler", "steps")}}


def _draw_things(text: str, everything: list[TextField]) -> dict[str, Any]:
    fields = json_object(text)
    mapped = {"prompt": fields.get("c"), "negative prompt": fields.get("uc")}
    return {**mapped, **{k: fields.get(k) for k in ("model", "seed", "sampler", "steps")}}


def _midjourney(text: str, everything: list[TextField]) -> dict[str, Any]:
    return {"prompt": text.partition(" Job ID:")[0]}
