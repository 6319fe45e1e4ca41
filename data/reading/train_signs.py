"""Makes yakuba/assistant/reading/signs.npz: the network that tells digits and kana in boxes apart.

    python data/reading/train_signs.py FOLDER_OF_FONTS

The folder holds the fonts of TRAIN and CHECK (npm packages @expo-google-fonts/*, all under the SIL Open Font License or
Apache 2.0; only pictures of their signs are used, no font is kept). None of them is a font of the evaluation
(yakuba/assistant/reading/fonts): so it is measured on hands that it has never seen. 20 minutes on one core.
"""

from __future__ import annotations

import sys
import time
from itertools import pairwise
from pathlib import Path
from random import Random

import cv2
import numpy as np
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

sys.path.insert(0, str(Path(__file__).parents[2]))
from yakuba.assistant.reading import signs

NOT_TRAINED = ("Yomogi", "KleeOne", "ZenKurenaido", "RockSalt", "PottaOne", "MochiyPop", "PermanentMarker")
"""The fonts of the evaluation, and some that look like nobody's hand."""
CHECK = ("YuseiMagic", "Kalam", "ComingSoon")
"""Fonts that are only looked at while training, to tell when to stop and how sure it may be."""
HIDDEN = (384, 192)
OTHERS = "あいうえおかきくけこさしすせそたちつてとなにぬねのまみむめも山川田中高橋佐藤町番地ABCDEFGHKMNRSTabdefghkmnqrst年月日円一二三四五六七八九十"


def fonts(folder: Path) -> dict[str, tuple[Path, frozenset[int]]]:
    found = {}
    for file in sorted(folder.rglob("*.ttf")):
        name = file.name.split("_")[0]
        if name.startswith(NOT_TRAINED) or "Black" in file.stem or "ExtraBold" in file.stem:
            continue
        found[file.stem] = (file, frozenset(TTFont(file, lazy=True).getBestCmap()))
    return found


def drawn(sign: str, file: Path, r: Random, cache: dict) -> np.ndarray:
    """A sign as it stands in a box of a flat sheet, as dark as it is there."""
    big = signs.BOX * 2
    size = round(big * r.uniform(0.55, 0.98))
    key = (file, size // 4)
    if key not in cache:
        cache[key] = ImageFont.truetype(str(file), size // 4 * 4)
    canvas = Image.new("L", (big, big), 0)
    ImageDraw.Draw(canvas).text(
        (big / 2 + r.uniform(-0.12, 0.12) * big, big / 2 + r.uniform(-0.12, 0.12) * big),
        sign,
        font=cache[key],
        fill=255,
        anchor="mm",
    )
    return warped(np.asarray(canvas), r)


def warped(picture: np.ndarray, r: Random) -> np.ndarray:
    """Another hand, another pen, another scanner."""
    big, box = picture.shape[0], signs.BOX
    turn, shear = r.gauss(0, 5.5), r.gauss(0, 0.10)
    sx, sy = r.uniform(0.82, 1.15), r.uniform(0.82, 1.15)
    a = np.deg2rad(turn)
    m = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]) @ np.array([[sx, shear], [0, sy]])
    m = np.hstack([m, (np.array([big / 2, big / 2]) - m @ np.array([big / 2, big / 2]))[:, None]])
    out = cv2.warpAffine(picture, m, (big, big))
    if r.random() < 0.75:  # strokes bend
        strength = r.uniform(1, 5.5)
        field = np.random.default_rng(r.getrandbits(32)).normal(0, 1, (2, 5, 5)).astype(np.float32)
        dx, dy = (cv2.resize(one, (big, big), interpolation=cv2.INTER_CUBIC) * strength for one in field)
        y, x = np.mgrid[0:big, 0:big].astype(np.float32)
        out = cv2.remap(out, x + dx, y + dy, cv2.INTER_LINEAR)
    pen = r.random()
    if pen < 0.3:
        out = cv2.dilate(out, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (r.choice((3, 5)),) * 2))
    elif pen < 0.5:
        out = cv2.erode(out, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3)))
    out = cv2.GaussianBlur(out, (0, 0), r.uniform(0.6, 2.8))
    out = cv2.resize(out, (box, box), interpolation=cv2.INTER_AREA).astype(np.float32)
    out *= r.uniform(0.75, 1.3)
    if r.random() < 0.15:  # a rest of the printed box, or of the sign beside it
        side, wide = r.randrange(4), r.randint(1, 3)
        view = np.rot90(out, side)
        view[:wide, :] = np.maximum(view[:wide, :], r.uniform(60, 220))
    noise = np.random.default_rng(r.getrandbits(32)).normal(0, r.uniform(0, 10), out.shape)
    return np.clip(out + noise, 0, 255).astype(np.uint8)


def scribble(r: Random) -> np.ndarray:
    canvas = Image.new("L", (signs.BOX * 2,) * 2, 0)
    points = [(r.uniform(10, 100), r.uniform(10, 100)) for _ in range(r.randint(4, 14))]
    ImageDraw.Draw(canvas).line(points, fill=255, width=r.randint(3, 7), joint="curve")
    return warped(np.asarray(canvas), r)


def made(known: dict, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    r, cache = Random(seed), {}
    families: dict[str, list[str]] = {}
    for name in known:
        families.setdefault(name.split("_")[0], []).append(name)
    every = list(families.values())
    with_kana = [names for names in every if ord("ア") in known[names[0]][1]]
    rows, labels = [], []
    while len(rows) < count:
        dice = r.random()
        if dice < 0.02:
            sign, picture = signs.OTHER, scribble(r)
        else:
            digit = dice < 0.30
            file, covered = known[r.choice(r.choice(every if digit else with_kana))]
            sign = (
                r.choice(signs.DIGITS) if digit else r.choice(OTHERS) if dice < 0.36 else r.choice(signs.KANA)
            )
            if ord(sign) not in covered:
                continue
            picture = drawn(sign, file, r, cache)
            sign = sign if sign in signs.SIGNS else signs.OTHER
        seen = signs.features(picture)
        if seen is not None:
            rows.append(seen.astype(np.float16))
            labels.append(signs.SIGNS.index(sign))
    return np.stack(rows), np.array(labels)


def train(x: np.ndarray, y: np.ndarray, cx: np.ndarray, cy: np.ndarray, epochs: int, seed: int = 1) -> dict:
    rng = np.random.default_rng(seed)
    middle = x[:20000].astype(np.float32).mean(0)
    spread = x[:20000].astype(np.float32).std(0) + 0.05
    sizes = (x.shape[1], *HIDDEN, len(signs.SIGNS))
    w = [rng.normal(0, np.sqrt(2 / a), (a, b)).astype(np.float32) for a, b in pairwise(sizes)]
    b = [np.zeros(n, np.float32) for n in sizes[1:]]
    p = [*w, *b]
    m, v = [np.zeros_like(q) for q in p], [np.zeros_like(q) for q in p]
    step, batch, total = 0, 256, epochs * (len(x) // 256)
    checked = (cx.astype(np.float32) - middle) / spread
    for epoch in range(epochs):
        order, loss_sum, start = rng.permutation(len(x)), 0.0, time.time()
        for at in range(0, len(x) - batch + 1, batch):
            some = order[at : at + batch]
            h = [(x[some].astype(np.float32) - middle) / spread]
            masks = []
            for n in range(len(w)):
                z = h[-1] @ p[n] + p[len(w) + n]
                if n < len(w) - 1:
                    mask = (z > 0) * (rng.random(z.shape, dtype=np.float32) > 0.2) / 0.8
                    masks.append(mask)
                    z = z * mask
                h.append(z)
            z = h[-1] - h[-1].max(1, keepdims=True)
            q = np.exp(z)
            q /= q.sum(1, keepdims=True)
            loss_sum -= np.log(q[np.arange(batch), y[some]] + 1e-9).mean()
            target = np.full_like(q, 0.02 / q.shape[1])
            target[np.arange(batch), y[some]] += 0.98
            d = (q - target) / batch
            grads = [None] * len(p)
            for n in range(len(w) - 1, -1, -1):
                grads[n], grads[len(w) + n] = h[n].T @ d, d.sum(0)
                if n:
                    d = (d @ p[n].T) * masks[n - 1]
            step += 1
            rate = 1.5e-3 * 0.5 * (1 + np.cos(np.pi * step / total)) + 1e-6
            for n, g in enumerate(grads):
                m[n] += 0.1 * (g - m[n])
                v[n] += 0.001 * (g * g - v[n])
                p[n] -= rate * (m[n] / (1 - 0.9**step)) / (np.sqrt(v[n] / (1 - 0.999**step)) + 1e-8)
                if n < len(w):
                    p[n] *= 1 - rate * 0.01
        out = checked
        for n in range(len(w)):
            out = out @ p[n] + p[len(w) + n]
            out = np.maximum(out, 0) if n < len(w) - 1 else out
        said = out.argmax(1)
        digits = cy < 10
        right = (out[:, :10].argmax(1) == cy)[digits].mean()
        kana = (out[:, 10:-1].argmax(1) + 10 == cy)[(cy >= 10) & (cy < len(signs.SIGNS) - 1)].mean()
        print(
            f"{epoch}: loss {loss_sum / (len(x) // batch):.4f}, of fonts not trained with: {(said == cy).mean():.4f}, digits {right:.4f}, kana {kana:.4f}, {time.time() - start:.0f} s",
            flush=True,
        )
    best = min(np.linspace(0.5, 3, 26), key=lambda t: nll(out / t, cy))
    kept = {f"weights{n}": p[n].astype(np.float16) for n in range(len(w))} | {
        f"bias{n}": p[len(w) + n].astype(np.float16) for n in range(len(w))
    }
    return kept | {"middle": middle, "spread": spread, "temperature": np.float32(best)}


def nll(z: np.ndarray, y: np.ndarray) -> float:
    z = z - z.max(1, keepdims=True)
    return float(-(z[np.arange(len(y)), y] - np.log(np.exp(z).sum(1))).mean())


def main() -> None:
    known = fonts(Path(sys.argv[1]))
    count, epochs = (
        int(sys.argv[2]) if len(sys.argv) > 2 else 400_000,
        int(sys.argv[3]) if len(sys.argv) > 3 else 25,
    )
    check = {name: one for name, one in known.items() if name.startswith(CHECK)}
    rest = {name: one for name, one in known.items() if name not in check}
    start = time.time()
    x, y = made(rest, count, 1)
    cx, cy = made(check, 6000, 2)
    print(len(x), x.shape, f"made in {time.time() - start:.0f} s", sorted(rest), flush=True)
    np.savez(signs.WEIGHTS, **train(x, y, cx, cy, epochs))


if __name__ == "__main__":
    main()
