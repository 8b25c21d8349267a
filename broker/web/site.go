package web

import (
	"context"

	"handrail/shared/words"
)

// Site is whose pages these are. Pages of requests without one are Handrail's.
type Site struct {
	Name      string // the organisation's, or a brand's
	Home      string // where the name leads
	Logo      string // address of a picture; empty: Handrail's icon
	Style     string // address of a stylesheet with the site's colours; empty: none
	Lang      string // BCP 47, of this answer
	Languages []string
	Foot      string // what the foot says about these pages; empty: nothing
	Say       words.Speaker
}

type siteKey struct{}

// WithSite says whose pages a request's are.
func WithSite(ctx context.Context, s Site) context.Context {
	return context.WithValue(ctx, siteKey{}, s)
}

// SiteOf tells whose pages a request's are.
func SiteOf(ctx context.Context) Site {
	if s, ok := ctx.Value(siteKey{}).(Site); ok {
		return s
	}
	return Site{Name: "Handrail", Home: "/", Lang: "en"}
}
