// Package essential runs those of upstream's controllers that an API server must not be without, which compile in no time beside
// all of them.
package essential
