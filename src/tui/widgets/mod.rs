//! What the screens are drawn with: widgets that know nothing of the app.
