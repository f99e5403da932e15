// Package ext is where Traefik's commercial builds hang their own fields; its open ones have none. Traefik's module
// replaces it by a folder that the module proxy leaves out, so its two empty types stand here.
package ext

type HTTP struct{}

func (in *HTTP) DeepCopyInto(out *HTTP) { *out = *in }

type Router struct{}

func (in *Router) DeepCopyInto(out *Router) { *out = *in }
