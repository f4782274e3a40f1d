"""Teaches our own eye for digits (``parsers/pages/digits.npz``) from fonts: nothing but their shapes goes in.

    python -m bench.train_digits OUT.npz FONT.ttf …

Strings of digits and their signs are drawn in every font at many sizes, worn as scanners wear them, cut into shapes by the
very code that cuts them at work, and learned by a network of two hidden layers. Letters that no digit looks like are
learned as junk. One font in eight is kept aside to measure with. The data in the repository were made from 114 faces of
Debian's fonts-croscore, fonts-crosextra-carlito, -caladea, fonts-freefont-ttf, fonts-lato, fonts-linuxlibertine,
fonts-noto-core, fonts-open-sans, fonts-roboto-unhinted, fonts-stix, fonts-dejavu-core, fonts-liberation and font-manrope.
"""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from parsers.pages.shapes import JUNK, SIGNS, cut, features, shapes

LETTERS = "abcdefghkmnpqrtuvwxyzACDEFGHKLMNPQRTUVWXY$&@#?ăâđêôơưÊÔƠ"
STRINGS = 260  # of each face
EPOCHS, BATCH, RATE = 24, 256, 1.5e-3
HIDDEN = (128, 64)


def drawn(face: ImageFont.FreeTypeFont, text: str) -> np.ndarray:
    x0, y0, x1, y1 = face.getbbox(text)
    image = Image.new("L", (int(x1 - x0) + 16, int(y1 - y0) + 16), 255)
    ImageDraw.Draw(image).text((8 - x0, 8 - y0), text, font=face, fill=0)
    return np.asarray(image)


def worn(image: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    out = image.astype(np.float32)
    angle = chance.normal(0, 0.7)
    height, width = out.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1)
    matrix[0, 1] += chance.normal(0, 0.02)
    out = cv2.warpAffine(out, matrix, (width, height), borderValue=255)
    if chance.random() < 0.3:
        kernel = np.ones((2, 2), np.uint8)
        out = (cv2.erode if chance.random() < 0.5 else cv2.dilate)(out, kernel)
    out = cv2.GaussianBlur(out, (0, 0), chance.uniform(0.3, 1.5))
    if chance.random() < 0.4:
        share = chance.uniform(0.6, 0.95)
        small = cv2.resize(out, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
        out = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    out = 255 - (255 - out) * chance.uniform(0.55, 1.0)
    out += chance.normal(0, chance.uniform(0, 14), out.shape)
    out = np.clip(out, 0, 255).astype(np.uint8)
    if chance.random() < 0.5:
        out = cv2.imdecode(cv2.imencode(".jpg", out, [1, int(chance.integers(40, 90))])[1], 0)
    return out


def samples(path: str, chance: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    rows, wanted = [], []
    for _ in range(STRINGS):
        junk = chance.random() < 0.2
        source = LETTERS if junk else SIGNS if chance.random() < 0.4 else SIGNS[:10]
        text = "".join(chance.choice(list(source), chance.integers(2, 7)))
        image = worn(drawn(ImageFont.truetype(path, int(chance.integers(16, 52))), text), chance)
        ink = np.argwhere(image < 150)
        if not len(ink):
            continue
        (y0, x0), (y1, x1) = ink.min(axis=0), ink.max(axis=0) + 1
        slack = chance.integers(-1, 3, 4)
        found = shapes(cut(image, (max(0, x0 - slack[0]), max(0, y0 - slack[1]), x1 + slack[2], y1 + slack[3])))
        tall = [shape for shape in found if shape.tall]
        if junk:
            rows += [features([shape])[0] for shape in tall]
            wanted += [JUNK] * len(tall)
        elif len(tall) == len(text):
            rows += list(features(tall))
            wanted += [SIGNS.index(c) for c in text]
        elif len(tall) < len(text):  # some touch: what is wide is junk
            wide = [shape for shape in tall if shape.aspect > 1.1]
            rows += [features([shape])[0] for shape in wide]
            wanted += [JUNK] * len(wide)
    return np.array(rows, np.float32), np.array(wanted)


def train(x: np.ndarray, y: np.ndarray, chance: np.random.Generator) -> list[np.ndarray]:
    sizes = (x.shape[1], *HIDDEN, JUNK + 1)
    weights: list[np.ndarray] = []
    for a, b in pairwise(sizes):
        weights += [chance.normal(0, np.sqrt(2 / a), (a, b)).astype(np.float32), np.zeros(b, np.float32)]
    mean = [np.zeros_like(w) for w in weights]
    square = [np.zeros_like(w) for w in weights]
    step = 0
    for epoch in range(EPOCHS):
        rate = RATE * 0.5 * (1 + np.cos(np.pi * epoch / EPOCHS))
        for at in np.array_split(chance.permutation(len(x)), len(x) // BATCH):
            step += 1
            grads = gradient(weights, x[at] + chance.normal(0, 0.03, (len(at), x.shape[1])).astype(np.float32), y[at])
            for n, grad in enumerate(grads):
                mean[n] = 0.9 * mean[n] + 0.1 * grad
                square[n] = 0.999 * square[n] + 0.001 * grad**2
                corrected = mean[n] / (1 - 0.9**step), square[n] / (1 - 0.999**step)
                weights[n] -= (rate * corrected[0] / (np.sqrt(corrected[1]) + 1e-8)).astype(np.float32)
    return weights


def forward(weights: list[np.ndarray], x: np.ndarray) -> list[np.ndarray]:
    layers = [x]
    for n in range(0, len(weights), 2):
        x = x @ weights[n] + weights[n + 1]
        if n + 2 < len(weights):
            x = np.maximum(x, 0)
        layers.append(x)
    odds = np.exp(x - x.max(axis=1, keepdims=True))
    layers[-1] = odds / odds.sum(axis=1, keepdims=True)
    return layers


def gradient(weights: list[np.ndarray], x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    layers = forward(weights, x)
    back = layers[-1].copy()
    back[np.arange(len(y)), y] -= 1 - 0.03
    back += -0.03 / back.shape[1]
    back /= len(y)
    grads: list[np.ndarray] = []
    for n in range(len(weights) - 2, -1, -2):
        at = n // 2
        grads = [layers[at].T @ back + 1e-5 * weights[n], back.sum(axis=0), *grads]
        if n:
            back = (back @ weights[n].T) * (layers[at] > 0)
    return grads


def main() -> None:
    out, *fonts = sys.argv[1:]
    chance = np.random.default_rng(1)
    sets = [samples(path, chance) for path in sorted(fonts)]
    held = [n for n in range(len(sets)) if n % 8 == 3]
    x = np.concatenate([sets[n][0] for n in range(len(sets)) if n not in held])
    y = np.concatenate([sets[n][1] for n in range(len(sets)) if n not in held])
    print(f"{len(fonts)} faces, {len(x)} shapes to learn")
    weights = train(x, y, chance)
    for name, some in (("learned", [n for n in range(len(sets)) if n not in held]), ("kept aside", held)):
        told(name, weights, np.concatenate([sets[n][0] for n in some]), np.concatenate([sets[n][1] for n in some]))
    for n in held:
        odds = forward(weights, sets[n][0])[-1]
        print(f"  {Path(sorted(fonts)[n]).name}: {np.mean(odds.argmax(axis=1) == sets[n][1]):.4f}")
    named = {f"{'wb'[n % 2]}{n // 2}": array.astype(np.float16) for n, array in enumerate(weights)}
    np.savez_compressed(out, **named)


def told(name: str, weights: list[np.ndarray], x: np.ndarray, y: np.ndarray) -> None:
    odds = forward(weights, x)[-1]
    best, sure = odds.argmax(axis=1), odds.max(axis=1)
    digits = y < 10
    for least in (0.0, 0.8, 0.9):
        kept = digits & (sure >= least) & (best < 10)
        print(
            f"{name}: of {digits.sum()} digits, sure >= {least}: {kept.sum()} judged, {(best != y)[kept].sum()} wrong"
        )


if __name__ == "__main__":
    main()
