// Package site tells a program which organisation it belongs to: the broker's
// address, how to recognise it, and the organisation's name. An administrator
// gets the file from `broker site` and puts it where Find looks. Nothing a
// customer clicks or types can change what it says.
package site

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Site is what a program must know to find its broker.
type Site struct {
	Broker       string `json:"broker"` // host:port
	Pin          string `json:"pin"`    // "sha256:" and 64 hex digits of the broker's public key, or empty for public authorities
	Organisation string `json:"organisation"`
	// OrganisationKey is the public half of the key that signs reps'
	// certificates (Ed25519, base64), or empty where the organisation has none. A
	// program that knows it obeys, in sessions without a session key, only reps
	// with a certificate.
	OrganisationKey string `json:"organisationKey,omitempty"`
}

// Key is OrganisationKey as it is checked with, nil where there is none.
func (s Site) Key() ed25519.PublicKey {
	key, err := base64.StdEncoding.DecodeString(s.OrganisationKey)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return nil // check has refused it, unless it is empty
	}
	return key
}

// Errors of Find a caller can branch on.
var (
	ErrNone = errors.New("site: no site.json found")
	// ErrOpen: everybody on this machine could have written the file.
	ErrOpen = errors.New("site: everybody may change the site file")
)

// FileName is the name Find looks for.
const FileName = "site.json"

const (
	maxFile = 64 << 10 // bytes; a real one has 200
	maxName = 256      // bytes of the organisation's name, as package wire allows
)

// Find reads the site file: the one named, or else the first of the folder for
// all users, the user's settings, the program's own folder.
//
// The order is that of how hard it is to get a file there without asking. A web
// page can drop one into the folder of downloads, beside a program that lies
// there: it comes last, so it leads nobody away who has a site already. A file
// that is there and can't be used is an error, never a reason to look further.
func Find(named string) (Site, error) {
	if named != "" {
		return Read(named)
	}
	return first(folders())
}

func first(dirs []string) (Site, error) {
	for _, dir := range dirs {
		path := filepath.Join(dir, FileName)
		s, err := Read(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = private(dir, path)
		}
		if err != nil {
			return Site{}, err
		}
		return s, nil
	}
	return Site{}, ErrNone
}

func folders() []string {
	var dirs []string
	switch runtime.GOOS {
	case "windows":
		// Only administrators write there; in ProgramData everybody may.
		if programs := os.Getenv("ProgramFiles"); filepath.IsAbs(programs) {
			dirs = append(dirs, filepath.Join(programs, "Handrail"))
		}
	case "darwin":
		dirs = append(dirs, "/Library/Application Support/Handrail")
	default:
		dirs = append(dirs, "/etc/handrail")
	}
	if user, err := os.UserConfigDir(); err == nil {
		dirs = append(dirs, filepath.Join(user, "handrail"))
	}
	if exe, err := os.Executable(); err == nil {
		dirs = append(dirs, filepath.Dir(exe))
	}
	return dirs
}

// private refuses a file that any user of this machine could have put there,
// such as one in /tmp. Windows says nothing about that in a file's mode.
func private(paths ...string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			return fmt.Errorf("reading the site file: %w", err)
		}
		if info.Mode().Perm()&0o002 != 0 {
			return fmt.Errorf("%w: %s", ErrOpen, p)
		}
	}
	return nil
}

// Read reads one site file and checks every value.
func Read(path string) (Site, error) {
	b, err := load(path)
	if err != nil {
		return Site{}, fmt.Errorf("reading the site file: %w", err)
	}
	s, err := parse(b)
	if err != nil {
		return Site{}, fmt.Errorf("reading the site file %s: %w", path, err)
	}
	return s, nil
}

// load reads no more than a site file can have, and of nothing that could keep
// it waiting, such as a pipe.
func load(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(b) > maxFile {
		err = fmt.Errorf("%s is longer than %d bytes", path, maxFile)
	}
	return b, err
}

// byteOrderMark is what some editors put in front of UTF-8 (RFC 8259, section
// 8.1: a reader may ignore it).
var byteOrderMark = []byte("\uFEFF")

func parse(b []byte) (Site, error) {
	b = bytes.TrimPrefix(b, byteOrderMark)
	if !utf8.Valid(b) {
		return Site{}, errors.New("it is not UTF-8 text")
	}
	var s Site
	if err := json.Unmarshal(b, &s); err != nil {
		return Site{}, fmt.Errorf("it is not the JSON that `broker site` prints: %w", err)
	}
	return s, s.check()
}

// Here says whether the broker is on this machine, as in a demo: then the
// other side of a session may be, too.
func (s Site) Here() bool {
	host, _, err := net.SplitHostPort(s.Broker)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (s Site) check() error {
	host, port, err := net.SplitHostPort(s.Broker)
	if err != nil || host == "" || strings.ContainsFunc(host, notOfHost) {
		return fmt.Errorf("broker: %q is not host:port", s.Broker)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return fmt.Errorf("broker: %q is not host:port with a port from 1 to 65535", s.Broker)
	}
	if hex, ok := strings.CutPrefix(s.Pin, "sha256:"); s.Pin != "" && (!ok || len(hex) != 64 || strings.Trim(hex, "0123456789abcdef") != "") {
		return fmt.Errorf("pin: %q is not sha256: and 64 small hex digits", s.Pin)
	}
	if len(s.Organisation) > maxName || strings.ContainsFunc(s.Organisation, unshown) {
		return fmt.Errorf("organisation: %q is not a name of at most %d bytes on one line", s.Organisation, maxName)
	}
	if s.OrganisationKey != "" && s.Key() == nil {
		return fmt.Errorf("organisationKey: %q is not what `broker organisation-key` prints", s.OrganisationKey)
	}
	return nil
}

// notOfHost says that a character is in no host name or address: a web address
// was typed where a host belongs.
func notOfHost(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune(`/\@?#`, r)
}

// unshown says that a character makes a name look like something else: new
// lines, and what turns the direction of writing round (Unicode annex 9).
func unshown(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp) ||
		r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069'
}
