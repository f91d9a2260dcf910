#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the vectors with nothing but docs/contract.md and Python's own library: check.py FOLDER

What it finds out for itself - hashes, chains, the stream's value, digests, ids and signatures - must
be what the vectors say. It shares no code with Galley, so a second client can be written like it.
"""
import hashlib
import json
import pathlib
import struct
import sys
import uuid

FOLDER = pathlib.Path(sys.argv[1])
CHANGES = ('a1', 'b1', 'a2', 'a3')


def blake(data, size=32, key=b''):
    return hashlib.blake2b(data, digest_size=size, key=key).digest()


def load(name):
    return json.loads((FOLDER / f'{name}.json').read_text())


def load_bytes(name):
    return (FOLDER / f'{name}.bin').read_bytes()


def same(what, found, said):
    if found != said:
        sys.exit(f'{what}: found {found!r}, and the vector says {said!r}')


# ── Ed25519, as RFC 8032 has it ──

PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
CURVE = -121665 * pow(121666, PRIME - 2, PRIME) % PRIME
ROOT = pow(2, (PRIME - 1) // 4, PRIME)


def find_x(y, sign):
    square = (y * y - 1) * pow(CURVE * y * y + 1, PRIME - 2, PRIME) % PRIME
    x = pow(square, (PRIME + 3) // 8, PRIME)
    if (x * x - square) % PRIME != 0:
        x = x * ROOT % PRIME
    if (x * x - square) % PRIME != 0:
        raise ValueError('not a point')
    return PRIME - x if x & 1 != sign else x


def point(data):
    y = int.from_bytes(data, 'little')
    x = find_x(y & (1 << 255) - 1, y >> 255)
    y &= (1 << 255) - 1
    return x, y, 1, x * y % PRIME


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % PRIME, (p[1] + p[0]) * (q[1] + q[0]) % PRIME
    c, d = 2 * p[3] * q[3] * CURVE % PRIME, 2 * p[2] * q[2] % PRIME
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % PRIME, g * h % PRIME, f * g % PRIME, e * h % PRIME


def times(number, p):
    q = (0, 1, 1, 0)
    while number > 0:
        if number & 1:
            q = add(q, p)
        p, number = add(p, p), number >> 1
    return q


BASE = point((4 * pow(5, PRIME - 2, PRIME) % PRIME).to_bytes(32, 'little'))


def is_signed(public_key, message, signature):
    r, s = signature[:32], int.from_bytes(signature[32:], 'little')
    h = int.from_bytes(hashlib.sha512(r + public_key + message).digest(), 'little') % ORDER
    left, right = times(s, BASE), add(point(r), times(h, point(public_key)))
    return (s < ORDER and (left[0] * right[2] - right[0] * left[2]) % PRIME == 0
            and (left[1] * right[2] - right[1] * left[2]) % PRIME == 0)


# ── GVariant: what a change needs of it ──

def end_size(size):
    """In how many bytes a container of this size says where its members end."""
    return 1 if size < 1 << 8 else 2 if size < 1 << 16 else 4 if size < 1 << 32 else 8


def end_at(data, index):
    """An end of a tuple: they stand at its own end, the last one first."""
    n = end_size(len(data))
    place = len(data) - n * (index + 1)
    return int.from_bytes(data[place:place + n], 'little')


def array(data, alignment):
    """The members of an array whose members have no fixed size."""
    if not data:
        return []
    n = end_size(len(data))
    ends = int.from_bytes(data[-n:], 'little')
    members, start = [], 0
    for place in range(ends, len(data), n):
        end = int.from_bytes(data[place:place + n], 'little')
        start = align(start, alignment)
        members.append(data[start:end])
        start = end
    return members


def align(number, alignment):
    return (number + alignment - 1) // alignment * alignment


class Change:
    def __init__(self, data):
        self.data = data
        self.skeleton = data[:end_at(data, 0)]
        n = end_size(len(data))
        self.values = array(data[len(self.skeleton):len(data) - n], 1)
        header = self.skeleton[:120]
        (form, self.project, self.sequence, self.previous, self.device, time, self.actor,
         self.salt) = struct.unpack('<Q16sQ32s16sQ16s16s', header)
        same('format', form, 1)
        self.time_ms, self.counter = time >> 16, time & 0xffff
        intent_end, edits_end = end_at(self.skeleton, 0), end_at(self.skeleton, 1)
        self.intent = self.skeleton[120:intent_end - 1].decode()
        self.edits = [self.edit(one)
                      for one in array(self.skeleton[align(intent_end, 8):edits_end], 8)]

    @staticmethod
    def edit(data):
        entity, kind, field = struct.unpack('<16sHH', data[:20])
        element_end = end_at(data, 0)
        refs = data[align(element_end, 8):len(data) - end_size(len(data))]
        return (str(uuid.UUID(bytes=entity)), kind, field, data[20:element_end - 1].decode(),
                [struct.unpack('<16sQ', refs[at:at + 24]) for at in range(0, len(refs) // 24 * 24, 24)])

    def hash(self):
        inner = b''
        for number, value in enumerate(self.values):
            key = blake(self.salt + struct.pack('<I', number), 16)
            inner += blake(value, key=key)
        return blake(self.skeleton + inner)


# ── frames, records and parts ──

def varint(data, at):
    number = shift = 0
    while True:
        byte = data[at]
        number |= (byte & 0x7f) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return number, at


def frames(data):
    same('magic of a batch', data[:5], b'GLYB\x01')
    at, last, found = 5, None, []
    while at < len(data):
        size, at = varint(data, at)
        kind, payload = data[at], data[at + 1:at + 1 + size]
        at += 1 + size
        if kind in (1, 2):
            whole = payload if kind == 1 else payload[:32] + last + payload[32:]
            change = Change(whole)
            last = change.hash()
            found.append(('change', whole))
        elif kind == 3:
            first, place = varint(payload, 0)
            found.append(('known', first, varint(payload, place)[0]))
        elif kind == 4:
            found.append(('position', varint(payload, 0)[0]))
        else:
            sequence, place = varint(payload, 16)
            last = payload[place:place + 32] if kind == 6 else last
            found.append(('tip' if kind == 5 else 'gap', payload[:16], sequence,
                          payload[place:place + 32], payload[place + 32:]))
    return found


def records(data):
    same('magic of a segment', data[:5], b'GLYG\x01')
    at, place, found = 5, 0, []
    while at < len(data):
        step, at = varint(data, at)
        position, at = varint(data, at)
        marks, at = varint(data, at)
        marked, at = data[at:at + marks], at + marks
        size, at = varint(data, at)
        place += step
        found.append((place, position, marked.hex(), data[at:at + size]))
        at += size
    return found


def parts(data, magic):
    same('magic', data[:5], magic)
    at, found = 5, []
    while at < len(data):
        size, kind = struct.unpack('<IB', data[at:at + 5])
        found.append((kind, data[at + 5:at + 5 + size], at))
        at += 5 + size
    same('the end of the file', at, len(data))
    return found


# ── the vectors ──

def check_keys():
    gives = load('keys')['gives']
    for name, key in gives.items():
        same(f'device of {name}', uuid.UUID(bytes=blake(bytes.fromhex(key['public_key']), 16)),
             uuid.UUID(key['device']))
    return gives


def check_change(name, keys, changes):
    vector = load(f'change-{name}')
    made, gives = vector['made_of'], vector['gives']
    change = Change(load_bytes(f'change-{name}'))
    device = lambda of: uuid.UUID(keys[load(f'change-{of}')['made_of']['device']]['device']).bytes
    previous = changes[made['previous']].hash() if made['previous'] else bytes(32)
    same('project', uuid.UUID(bytes=change.project), uuid.UUID(made['project']))
    same('device', change.device, device(name))
    same('actor', uuid.UUID(bytes=change.actor), uuid.UUID(made['actor']))
    same('previous', change.previous, previous)
    same('salt', change.salt.hex(), made['salt'])
    for member in ('sequence', 'time_ms', 'counter', 'intent'):
        same(member, getattr(change, member), made[member])
    same('edits', change.edits,
         [(edit['entity'], edit['kind'], edit['field'], edit['element'],
           [(device(of), changes[of].sequence) for of in edit['supersedes']])
          for edit in made['edits']])
    same('values', [value == b'' for value in change.values],
         [edit['value'] is None for edit in made['edits']])
    same(f'hash of {name}', change.hash().hex(), gives['hash'])
    same(f'bytes of {name}', len(change.data), gives['bytes'])
    return change


def tip_message(change):
    return (b'galley tip 1'.ljust(16, b'\0') + change.project + change.device
            + struct.pack('<Q', change.sequence) + change.hash())


def key_of(keys, change):
    return next(bytes.fromhex(key['public_key']) for key in keys.values()
                if uuid.UUID(key['device']).bytes == change.device)


def check_chain(keys, changes):
    vector = load('chain')
    value, rolling = bytes(32), []
    for name in vector['made_of']['stream']:
        value = blake(value + changes[name].hash())
        rolling.append(value.hex())
    same('rolling', rolling, vector['gives']['rolling'])
    tip = changes[vector['made_of']['tip']]
    key = key_of(keys, tip)
    for message, member in ((tip_message(tip), 'tip_signature'),
                            (b'galley enrol 1\0' + vector['made_of']['invite'].encode() + b'\0' + key,
                             'enrol_signature')):
        signature = bytes.fromhex(vector['gives'][member])
        same(member, is_signed(key, message, signature), True)
        same(member + ' over something else', is_signed(key, message + b'x', signature), False)


def check_digest(changes):
    vector = load('digest')
    lanes = [0] * 4
    for head in vector['made_of']['heads']:
        change = changes[head['change']]
        part = blake(uuid.UUID(head['entity']).bytes + change.device
                     + struct.pack('<QQ', change.sequence, head['field']) + head['element'].encode())
        lanes = [(a + b) % 2**64 for a, b in zip(lanes, struct.unpack('<4Q', part))]
    same('digest', struct.pack('<4Q', *lanes).hex(), vector['gives']['digest'])


def check_decision(keys):
    vector = load('decision')
    made, gives = vector['made_of'], vector['gives']
    person, version = uuid.UUID(made['person']).bytes, uuid.UUID(made['version']).bytes
    identity = uuid.UUID(bytes=as_version_8(blake(b'galley decision\0' + person + version, 16)))
    same('id of a decision', identity, uuid.UUID(gives['id']))
    message = (b'galley decision 1\0' + uuid.UUID(made['project']).bytes + identity.bytes + person
               + made['verdict'].encode() + b'\0' + bytes.fromhex(made['file'])
               + struct.pack('<Q', made['position'])
               + b''.join(uuid.UUID(note).bytes for note in made['notes']))
    same('a decision is signed', is_signed(bytes.fromhex(keys[made['key']]['public_key']), message,
                                           bytes.fromhex(gives['signature'])), True)


def as_version_8(data):
    data = bytearray(data)
    data[6], data[8] = data[6] & 0x0f | 0x80, data[8] & 0x3f | 0x80
    return bytes(data)


def expected(frame, keys, changes):
    kind = frame['type']
    if kind == 'known':
        return ('known', frame['first'], frame['count'])
    if kind == 'position':
        return ('position', frame['position'])
    change = changes[frame['change']]
    if kind == 'change':
        return ('change', change.data)
    return (kind, change.device, change.sequence, change.hash())


def check_frames(found, said, keys, changes):
    same('frames', [one[:4] for one in found], [expected(one, keys, changes) for one in said])
    for frame, one in zip(said, found):
        if one[0] == 'tip':
            change = changes[frame['change']]
            same('a tip is signed', is_signed(key_of(keys, change), tip_message(change), one[4]), True)


def check_packed(name, keys, changes):
    vector = load(name)
    data = bytes.fromhex(vector['gives']['unpacked'])
    same(f'hash of {name}', blake(data).hex(), vector['gives']['unpacked_hash'])
    if name == 'segment':
        same('records', records(data),
             [(one['place'], one['position'], one['marks'], changes[one['change']].data)
              for one in vector['made_of']['segment']])
    else:
        check_frames(frames(data), vector['made_of']['frames'], keys, changes)


def check_snapshot(keys, changes):
    vector, data = load('snapshot'), load_bytes('snapshot')
    made, found = vector['made_of'], parts(data, b'GLYS\x01')
    same('hash of the snapshot', blake(data).hex(), vector['gives']['hash'])
    same('parts', [kind for kind, _, _ in found], [1] + [2] * len(made['tips']) + [3, 4])
    project, position, count = struct.unpack('<16sQQ', found[0][1][:32])
    same('head', (uuid.UUID(bytes=project), position, count, found[0][1][32:64].hex(),
                  found[0][1][64:].decode()),
         (uuid.UUID(made['project']), made['position'], len(made['segment']), made['digest'],
          made['history']))
    for said, (_, payload, _) in zip(made['tips'], found[1:]):
        change = changes[said['change']]
        same('tip', payload[:56], change.device + struct.pack('<Q', change.sequence) + change.hash())
        same('tip is signed', said['signed'], payload[56:] != bytes(64) and
             is_signed(key_of(keys, change), tip_message(change), payload[56:]))


def check_bundle(keys, changes):
    vector, data = load('bundle'), load_bytes('bundle')
    made, found = vector['made_of'], parts(data, b'GLYH\x01')
    maker = keys[made['maker']]
    same('hash of the bundle', blake(data).hex(), vector['gives']['hash'])
    same('parts', [kind for kind, _, _ in found], [1, 2, 3, 4] + [5, 6] * len(made['files']) + [7])
    same('head', found[0][1],
         uuid.UUID(made['project']).bytes + uuid.UUID(maker['device']).bytes
         + struct.pack('<QQ', made['made_us'], made['links']))
    who = json.loads(found[1][1])
    same('persons', [(one['id'], one['name'], one['role']) for one in who['persons']],
         [(one['id'], one['name'], one['role']) for one in made['who']['persons']])
    same('devices', [(one['id'], one['public_key'], one['person']) for one in who['devices']],
         [(keys[one['key']]['device'], keys[one['key']]['public_key'], one['person'])
          for one in made['who']['devices']])
    same('have', found[2][1], b''.join(
        changes[one].device + struct.pack('<Q', changes[one].sequence) + changes[one].hash()
        for one in made['have']))
    for number, text in enumerate(made['files']):
        same('file', found[4 + 2 * number][1],
             blake(text.encode()) + struct.pack('<Q', len(text.encode())))
        same('piece', found[5 + 2 * number][1], text.encode())
    message = b'galley bundle 1\0' + blake(data[:found[-1][2]])
    same('the bundle is signed',
         is_signed(bytes.fromhex(maker['public_key']), message, found[-1][1]), True)


def main():
    keys, changes = check_keys(), {}
    for name in CHANGES:
        changes[name] = check_change(name, keys, changes)
    check_chain(keys, changes)
    check_digest(changes)
    check_decision(keys)
    for name in ('batch-push', 'batch-pull', 'segment'):
        check_packed(name, keys, changes)
    check_snapshot(keys, changes)
    check_bundle(keys, changes)
    print('the vectors are what the contract says')


main()
