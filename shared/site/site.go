// Package site tells a program which organisation it belongs to: the broker's
// address, how to recognise it, and the organisation's name. An administrator
// gets the file from `broker site` and puts it where Find looks. Nothing a
// customer clicks or types can change what it says.
package site

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Site is what a program must know to find its broker.
type Site struct {
	Broker       string `json:"broker"` // host:port
	Pin          string `json:"pin"`    // "sha256:" and 64 hex digits of the broker's public key, or empty for public authorities
	Organisation string `json:"organisation"`
}

// ErrNone says that no site file was found.
var ErrNone = errors.New("site: no site.json found")

// FileName is the name Find looks for.
const FileName = "site.json"

const maxFile = 64 << 10

// Find reads the site file: the one named, or else the first of
// the folder for all users, the program's own folder, the user's settings.
// What is installed for all users comes first, so that nobody is led away by a
// file that lies beside a download.
func Find(named string) (Site, error) {
	if named != "" {
		return Read(named)
	}
	for _, dir := range folders() {
		s, err := Read(filepath.Join(dir, FileName))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		return s, err
	}
	return Site{}, ErrNone
}

func folders() []string {
	var dirs []string
	switch runtime.GOOS {
	case "windows":
		dirs = append(dirs, filepath.Join(os.Getenv("ProgramData"), "Handrail"))
	case "darwin":
		dirs = append(dirs, "/Library/Application Support/Handrail")
	default:
		dirs = append(dirs, "/etc/handrail")
	}
	if exe, err := os.Executable(); err == nil {
		dirs = append(dirs, filepath.Dir(exe))
	}
	if user, err := os.UserConfigDir(); err == nil {
		dirs = append(dirs, filepath.Join(user, "handrail"))
	}
	return dirs
}

// Read reads one site file and checks every value.
func Read(path string) (Site, error) {
	f, err := os.Open(path)
	if err != nil {
		return Site{}, fmt.Errorf("reading the site file: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Site{}, fmt.Errorf("reading the site file: %w", err)
	}
	if info.Size() > maxFile {
		return Site{}, fmt.Errorf("reading the site file %s: longer than %d bytes", path, maxFile)
	}
	var s Site
	if err := json.NewDecoder(f).Decode(&s); err != nil {
		return Site{}, fmt.Errorf("reading the site file %s: %w", path, err)
	}
	if err := s.check(); err != nil {
		return Site{}, fmt.Errorf("reading the site file %s: %w", path, err)
	}
	return s, nil
}

func (s Site) check() error {
	if _, port, err := net.SplitHostPort(s.Broker); err != nil || port == "" {
		return fmt.Errorf("%q is not host:port", s.Broker)
	}
	if hex, ok := strings.CutPrefix(s.Pin, "sha256:"); s.Pin != "" && (!ok || len(hex) != 64 || strings.Trim(hex, "0123456789abcdef") != "") {
		return fmt.Errorf("%q is not sha256: and 64 hex digits", s.Pin)
	}
	return nil
}
