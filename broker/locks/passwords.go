// Package locks checks what people prove who they are with: passwords, codes of
// an authenticator app, recovery codes, passkeys, and tokens. It keeps nothing
// itself: what its functions give is fit to be kept, and tells nobody the
// secret (what must be readable again is sealed, see Sealer).
package locks

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// Costs of a hash (OWASP's Password Storage Cheat Sheet, second of the equal
// choices for argon2id): 19 MiB, two passes, one lane.
const (
	costMemory = 19 * 1024 // KiB
	costTime   = 2
	costLanes  = 1
	saltSize   = 16
	hashSize   = 32
)

// Hashes that cost more are not checked: they aren't ours.
const (
	mostMemory = 256 * 1024 // KiB
	mostTime   = 16
	mostLanes  = 8
)

// ErrHash marks a kept hash that can't be understood.
var ErrHash = errors.New("locks: not a hash of a password")

// Passwords hashes passwords with argon2id (RFC 9106). Each hash takes 19 MiB
// and a core for some 20 ms, so no more run at once than there are cores.
type Passwords struct {
	slots   chan struct{}
	nothing string // a hash that no password has
}

// NewPasswords makes them ready.
func NewPasswords() *Passwords {
	p := &Passwords{slots: make(chan struct{}, runtime.NumCPU())}
	random := make([]byte, saltSize+hashSize)
	fill(random)
	p.nothing = spell(costMemory, costTime, costLanes, random[:saltSize], random[saltSize:])
	return p
}

// fill draws random bytes. The system's source doesn't fail (crypto/rand ends
// the program rather).
func fill(b []byte) { _, _ = rand.Read(b) }

// Hash makes what is kept of a password: a PHC string
// (https://github.com/P-H-C/phc-string-format). It waits for its turn until ctx
// is over.
func (p *Passwords) Hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltSize)
	fill(salt)
	sum, err := p.sum(ctx, password, salt, cost{costMemory, costTime, costLanes}, hashSize)
	if err != nil {
		return "", err
	}
	return spell(costMemory, costTime, costLanes, salt, sum), nil
}

// Check says whether a password is the one of a kept hash, and whether that was
// made at other costs than today's, so that it should be made anew. No hash
// (empty) is never right and takes the same time as a wrong password.
func (p *Passwords) Check(ctx context.Context, phc, password string) (right, stale bool, err error) {
	absent := phc == ""
	if absent {
		phc = p.nothing
	}
	c, salt, want, err := parse(phc)
	if err != nil {
		return false, false, err
	}
	got, err := p.sum(ctx, password, salt, c, len(want))
	if err != nil {
		return false, false, err
	}
	right = subtle.ConstantTimeCompare(got, want) == 1 && !absent
	return right, right && (c != cost{costMemory, costTime, costLanes} || len(want) != hashSize), nil
}

type cost struct {
	memory, time uint32
	lanes        uint8
}

// sum hashes when it is its turn. Passwords that look the same are the same
// (NFKC, as NIST SP 800-63B asks).
func (p *Passwords) sum(ctx context.Context, password string, salt []byte, c cost, size int) ([]byte, error) {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting to hash a password: %w", context.Cause(ctx))
	}
	defer func() { <-p.slots }()
	return argon2.IDKey([]byte(norm.NFKC.String(password)), salt, c.time, c.memory, c.lanes, uint32(size)), nil
}

func spell(memory, time uint32, lanes uint8, salt, sum []byte) string {
	b := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, time, lanes, b.EncodeToString(salt), b.EncodeToString(sum))
}

// parse reads a PHC string, in the one spelling that spell gives.
func parse(phc string) (c cost, salt, sum []byte, err error) {
	parts := strings.Split(phc, "$")
	if len(phc) > 512 || len(parts) != 6 {
		return c, nil, nil, ErrHash
	}
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.time, &c.lanes); n != 3 || err != nil {
		return c, nil, nil, ErrHash
	}
	b := base64.RawStdEncoding.Strict()
	salt, err = b.DecodeString(parts[4])
	if err == nil {
		sum, err = b.DecodeString(parts[5])
	}
	switch {
	case err != nil,
		c.memory < 8*uint32(c.lanes) || c.memory > mostMemory,
		c.time < 1 || c.time > mostTime, c.lanes < 1 || c.lanes > mostLanes,
		len(salt) < 8 || len(sum) < 16 || len(sum) > 64,
		spell(c.memory, c.time, c.lanes, salt, sum) != phc:
		return c, nil, nil, ErrHash
	}
	return c, salt, sum, nil
}
