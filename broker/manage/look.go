package manage

import (
	"net/http"
	"strings"

	"handrail/broker/settings"
	"handrail/broker/web"
	"handrail/shared/words"
)

// preview is how a portal will look, on light and on dark pages.
type preview struct {
	Title, Button, Link string
	Shades              []shade
	Note                string
}

// shade is a picture of a portal in one scheme of colours.
type shade struct {
	Name                                            string
	Ground, Card, Line, Text, Link, Button, OnPaint string
}

func lookSheet(p settings.Portal, f *sheet) {
	f.paths = []string{"look"}
	f.many = true
	f.lead = words.ManageLookLead
	f.read = func(in *input, s *settings.Settings) {
		edit(p.ID, func(p *settings.Portal) {
			p.Look.Colour = strings.ToLower(in.text("look.colour"))
			if in.on("look.own") && p.Look.Colour == "" {
				in.bad("look.colour", words.SetBadColour)
			}
			if !in.on("look.own") {
				p.Look.Colour = ""
			}
			switch {
			case in.file != nil:
				p.Look.Logo = in.file
			case in.on("look.remove"):
				p.Look.Logo = nil
			}
		})(s)
	}
	f.change = func(*settings.Settings, string, string, int) {} // Preview: shows what was typed
	f.show = func(v *view) []group {
		p := v.s.Portals[p.ID]
		colour := v.field("look.colour", words.ManageColour, p.Look.Colour)
		if colour.Kind = "color"; colour.Value == "" {
			colour.Value = defaultColour
		}
		g := group{
			Fields:  []web.Field{v.check("look.own", words.ManageOwnColour, p.Look.Colour != "", words.ManageOwnColourHint), colour},
			Preview: previewOf(p),
			File: &upload{
				Name: "look.logo", Label: say(words.ManageLogo), Hint: say(words.ManageLogoHint, settings.MaxLogo>>10, settings.MaxLogoSide),
				Accept: "image/png,image/jpeg",
			},
		}
		if len(p.Look.Logo) > 0 {
			g.File.Now, g.File.Remove = portalsPath+"/"+p.ID+"/logo", say(words.ManageLogoRemove)
		}
		return []group{g}
	}
}

const defaultColour = "#0f5b8c"

// previewOf paints a portal's colours as package web will use them.
func previewOf(p settings.Portal) preview {
	v := preview{Title: say(words.ManagePreview), Button: say(words.ManagePreviewButton), Link: say(words.ManagePreviewLink)}
	colour, ok := web.Colour(p.Look.Colour)
	if !ok {
		v.Shades = []shade{
			{say(words.ManageLight), "#f4f6f9", "#ffffff", "#d5dce4", "#1a2430", defaultColour, defaultColour, "#ffffff"},
			{say(words.ManageDark), "#12171d", "#1c242d", "#35414e", "#e9eef4", "#7cc0ee", "#7cc0ee", "#07202f"},
		}
		return v
	}
	sheet := string(web.Themed(colour))
	light, dark, _ := strings.Cut(sheet, "@media")
	v.Shades = []shade{
		{say(words.ManageLight), "#f4f6f9", "#ffffff", "#d5dce4", "#1a2430", property(light, "accent"), property(light, "button"), property(light, "on-button")},
		{say(words.ManageDark), "#12171d", "#1c242d", "#35414e", "#e9eef4", property(dark, "accent"), property(dark, "button"), property(dark, "on-button")},
	}
	if v.Shades[0].Link != p.Look.Colour || v.Shades[1].Link != p.Look.Colour {
		v.Note = say(words.ManageColourChanged)
	}
	return v
}

// property reads a custom property of a stylesheet of web's.
func property(sheet, name string) string {
	_, rest, _ := strings.Cut(sheet, "--"+name+": ")
	value, _, _ := strings.Cut(rest, ";")
	return value
}

// logo answers with a portal's logo as it is kept.
func (m *Manage) logo(w http.ResponseWriter, r *http.Request) {
	_, p, ok := m.portal(w, r)
	if !ok || !web.Reads(w, r) {
		return
	}
	kind, _, _ := settings.Picture(p.Look.Logo)
	if kind == "" {
		missing(w, r)
		return
	}
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(p.Look.Logo) // a visitor who went doesn't matter
}
