"""The Streamlit pages, one file each, and the widgets they share."""
