"""A dataset as one page to look at: gallery, statistics, licences, verdict; and a contact sheet."""
