"""What a generator wrote about how the picture was made: prompt, model, seed, as texts for people.

Everything comes from a stranger's file: it is cut, never trusted, never obeyed; what does not parse says nothing.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

from cgid.metadata.text_fields import Text

NAMES = ("prompt", "negative prompt", "model", "seed", "sampler", "steps")
LONGEST = 1000
MOST_JSON = 1024 * 1024
_PAIR = re.compile(r'\b(Steps|Sampler|Seed|Model): ("[^"]{0,200}"|[^,\n]{0,200})')
_DREAM = re.compile(r'^"(.{0,100000})" (-.*)$', re.DOTALL)

Settings = tuple[tuple[str, str], ...]


def said_by(code: str, text: Text, everything: list[Text]) -> Settings:
    """(name, text) pairs out of NAMES in that order, those that are given; each at most 1,000 characters."""
    readers = {"a1111": _a1111, "comfyui": _comfyui, "invokeai": _invokeai, "novelai": _novelai}
    readers |= {"fooocus": _fooocus, "swarmui": _swarmui, "draw_things": _draw_things, "midjourney": _midjourney}
    reader = readers.get(code)
    found = reader(text.text[:MOST_JSON], everything) if reader else {}
    return tuple((name, said) for name in NAMES if (said := _text(found.get(name))))


@lru_cache(maxsize=4)
def json_object(text: str) -> dict[str, Any]:
    """The JSON object a text is; empty where it is none, or longer than 1 MiB. Not to be changed."""
    if len(text) > MOST_JSON or text.lstrip()[:1] != "{":
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def graph(text: str) -> dict[str, Any] | None:
    """ComfyUI's JSON, as its own fields hold it or after a field name and colon; None where it is none."""
    body = text[text.index(":") + 1 :] if text[:9].lower().startswith(("prompt:", "workflow:")) else text
    if len(body) > MOST_JSON:
        # Too long to be parsed here; its beginning tells.
        return (
            {} if re.match(r'\s*\{"(?:[\w-]{1,20}": \{"(?:inputs|class_type)"|last_node_id|id|nodes)', body) else None
        )
    found = json_object(body)
    nodes = any(isinstance(v, dict) and "class_type" in v for v in found.values())
    return found if nodes or "nodes" in found or "last_node_id" in found else None


def _text(value: Any) -> str:
    """A setting as text; lists are joined, anything else that is no number or text is nothing."""
    if isinstance(value, list):
        value = ", ".join(filter(None, map(_text, value[:20])))
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return (value if isinstance(value, str) else str(value)).strip()[:LONGEST]


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _a1111(text: str, everything: list[Text]) -> dict[str, Any]:
    head, _, tail = text.rpartition("\nSteps: ")
    prompt, _, negative = head.partition("\nNegative prompt: ")
    pairs = {name.lower(): value.strip('" ') for name, value in _PAIR.findall("Steps: " + tail)}
    return {"prompt": prompt, "negative prompt": negative, **pairs}


def _comfyui(text: str, everything: list[Text]) -> dict[str, Any]:
    nodes = {k: v for k, v in (graph(text) or {}).items() if isinstance(v, dict) and isinstance(v.get("inputs"), dict)}
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
    """The first text on the way up from a link [node, output]; at most 50 nodes are looked at."""
    waiting, seen = [link], set()
    while waiting and len(seen) < 50:
        link = waiting.pop(0)
        if not (isinstance(link, list) and link) or str(link[0]) in seen:
            continue
        seen.add(str(link[0]))
        inputs = _object(nodes.get(str(link[0]))).get("inputs") or {}
        for key in ("text", "text_g", "t5xxl", "clip_l", "string", "value"):
            if isinstance(inputs.get(key), str) and inputs[key].strip():
                return inputs[key]
        waiting += [v for v in inputs.values() if isinstance(v, list)]
    return ""


def _invokeai(text: str, everything: list[Text]) -> dict[str, Any]:
    if match := _DREAM.match(text):
        prompt, negative = _split_negative(match.group(1))
        flags = dict(re.findall(r"-([sSA]) ?([\w.]+)", match.group(2)[:2000]))
        found = {"seed": flags.get("S"), "steps": flags.get("s"), "sampler": flags.get("A")}
        return {"prompt": prompt, "negative prompt": negative, **found}
    said = json_object(text)
    old = _object(said.get("image"))
    if old:
        prompt = old.get("prompt")
        if isinstance(prompt, list):
            prompt = _object(prompt[0]).get("prompt") if prompt else ""
        prompt, negative = _split_negative(prompt if isinstance(prompt, str) else "")
        found = {"model": said.get("model_weights"), **{k: old.get(k) for k in ("seed", "sampler", "steps")}}
        return {"prompt": prompt, "negative prompt": negative, **found}
    model = _object(said.get("model"))
    return {
        "prompt": said.get("positive_prompt"),
        "negative prompt": said.get("negative_prompt"),
        "model": model.get("model_name") or model.get("name"),
        "seed": said.get("seed"),
        "sampler": said.get("scheduler"),
        "steps": said.get("steps"),
    }


def _split_negative(prompt: str) -> tuple[str, str]:
    """InvokeAI's early versions put the negative prompt into square brackets."""
    prompt = prompt[: 4 * LONGEST]
    return re.sub(r"\[[^\]]*\]", "", prompt).strip(), " ".join(re.findall(r"\[([^\]]*)\]", prompt))


def _novelai(text: str, everything: list[Text]) -> dict[str, Any]:
    fields = {t.key: t.text for t in everything if t.key in ("Comment", "Description", "Source")}
    said = json_object(fields.get("Comment", ""))
    return {
        "prompt": said.get("prompt") or fields.get("Description"),
        "negative prompt": said.get("uc"),
        "model": fields.get("Source"),
        **{k: said.get(k) for k in ("seed", "sampler", "steps")},
    }


def _fooocus(text: str, everything: list[Text]) -> dict[str, Any]:
    said = next((f for t in everything if (f := json_object(t.text)) and t.key != "fooocus_scheme"), {})
    said = {k.lower().replace(" ", "_"): v for k, v in said.items()}
    named = {"negative prompt": said.get("negative_prompt"), "model": said.get("base_model")}
    return {**named, **{k: said.get(k) for k in ("prompt", "seed", "sampler", "steps")}}


def _swarmui(text: str, everything: list[Text]) -> dict[str, Any]:
    said = _object(json_object(text).get("sui_image_params"))
    named = {"negative prompt": said.get("negativeprompt")}
    return {**named, **{k: said.get(k) for k in ("prompt", "model", "seed", "sampler", "steps")}}


def _draw_things(text: str, everything: list[Text]) -> dict[str, Any]:
    said = json_object(text)
    named = {"prompt": said.get("c"), "negative prompt": said.get("uc")}
    return {**named, **{k: said.get(k) for k in ("model", "seed", "sampler", "steps")}}


def _midjourney(text: str, everything: list[Text]) -> dict[str, Any]:
    return {"prompt": text.partition(" Job ID:")[0]}
